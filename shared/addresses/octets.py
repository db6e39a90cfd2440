"""How long an address may be, counted in octets of UTF-8 (RFC 5321 section 4.5.3.1)."""

LOCAL_PART_OCTETS = 64
ADDRESS_OCTETS = 254
