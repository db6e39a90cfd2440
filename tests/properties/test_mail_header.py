"""Our reading of headers agrees with the standard library on mail that follows the rules, and survives all other."""

import email
from email import policy
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from io import BytesIO

from hypothesis import assume, given
from hypothesis import strategies as st

from addresses.settings import Settings
from mail_ingest.addressees import addressees
from mail_ingest.header_block import cut
from mail_ingest.reading import Reading, read_message

words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
names = st.lists(words, max_size=4).map(" ".join)
locals_ = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_{|}~-]{1,12}(\.[a-z0-9]{1,8})?", fullmatch=True)
domains = st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,8}){1,2}", fullmatch=True)
mailboxes = st.builds(Mailbox, display_name=names, username=locals_, domain=domains)
line_breaks = st.sampled_from([b"\r\n", b"\n", b"\r"])


@st.composite
def messages(draw: st.DrawFn) -> EmailMessage:
    """A message that follows RFC 5322, as the standard library composes it."""
    message = EmailMessage(policy.SMTP)
    message["Received"] = "from mail.example.org by mx.example.com; Sun, 01 Mar 2026 10:29:58 +0100"
    message["From"] = draw(mailboxes)
    for name in ("To", "Cc", "Bcc"):
        if draw(st.booleans()):
            message[name] = draw(st.lists(mailboxes, min_size=1, max_size=8))
    message["Subject"] = draw(names)
    message["Message-ID"] = f"<{draw(locals_)}@{draw(domains)}>"
    message["Date"] = "Sun, 01 Mar 2026 10:29:58 +0100"
    message.set_content(draw(st.text(st.characters(codec="utf-8"), max_size=100)))
    return message


def read(raw: bytes) -> Reading:
    """What one pass tells."""
    return read_message(BytesIO(raw))


@given(messages(), line_breaks)
def test_agrees_with_the_standard_library(message: EmailMessage, line_break: bytes) -> None:
    """On whatever it composes, whichever line break the message is stored with."""
    header = read(message.as_bytes().replace(b"\r\n", line_break)).header

    def addresses(*fields: str) -> list[str]:
        return [each.addr_spec for field in fields if message[field] for each in message[field].addresses]

    assert addresses("From") == [header.sender]
    assert addresses("To", "Cc") == list(header.to)
    assert addresses("Bcc") == list(header.bcc)
    assert " ".join(str(message["Subject"]).split()) == header.subject
    assert (message["Message-ID"], message["Date"]) == (header.message_id, header.date)
    assert header.unparsed is None


# Bytes that end, open or close something, each by itself.
SIGNS = [bytes([sign]) for sign in b'\r\n\0\xff\xc3,;:<>"\\()@']
PIECES = [b"\r\n", b"\r\n ", b"=?utf-8?q?", b"=?gb2312?b?", b"=?x?q?", b"?=", b"\r\nTo: ", b"\nFrom:", b"a@example.com"]
traps = st.sampled_from([*SIGNS, *PIECES, b"(" * 5000])
junk = st.lists(st.binary(max_size=8) | traps, max_size=30).map(b"".join)


@given(
    st.builds(
        lambda message, at, trap: (raw := message.as_bytes())[:at] + trap + raw[at:],
        messages(),
        st.integers(0, 500),
        junk,
    )
)
def test_survives_any_damage(raw: bytes) -> None:
    """Nothing raises, and what comes out can be stored and shown: no line breaks, no half characters."""
    reading = read(raw)
    header = reading.header

    addressees(header, None, Settings(internal_domains=["example.com"]))
    assert len(raw) == reading.size
    for text in (header.subject, header.message_id, header.date, header.sender, *header.to, *header.bcc):
        assert text.encode().decode() == text
        assert text == text.strip()
        assert not set(text) & {"\r", "\n", "\0", "\u2028", "\u202e"}


some_fields = st.sampled_from(
    [b"From: bob@example.org", b"X-A:", b"Subject: one\r\n two", b"To: alice@example.com,\n\tx"]
)
fields = st.lists(st.builds(bytes.__add__, some_fields, line_breaks), min_size=1, max_size=5).map(b"".join)


@given(fields, line_breaks, junk)
def test_the_header_ends_where_the_standard_library_ends_it(header: bytes, line_break: bytes, body: bytes) -> None:
    """What it takes for a line break, we do; CR and LF of one CRLF can come from two of these parts."""
    raw = header + line_break + body
    block = cut(raw, complete=True)
    assume(block.sound)

    expected = email.message_from_bytes(raw, policy=policy.compat32).get_payload(decode=True)

    assert expected == raw[block.body_at :]
