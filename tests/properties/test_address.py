"""The normalisation, over whatever texts there are."""

import string
import unicodedata

import idna
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from addresses.address import Address, domain_of, parse, parse_domain, without_tag
from addresses.errors import InvalidAddress
from addresses.octets import ADDRESS_OCTETS, LOCAL_PART_OCTETS

DELIMITERS = "+-=_."
SCRIPTS = [
    "a\u00df\u00e9\u00fc\u01c6",
    "\u0430\u0431\u0432\u0451",
    "\u03b1\u03c2\u03c3\u03ce",
    "\u65e5\u672c\u304b\u30ab",
    "\u05d0\u05d1",
    "\u0e01\u0e02",
]

# Letters whose capital has no other small letter; and the two sigmas.
CASED = [each for each in map(chr, range(0x24F)) if each.isalpha() and each.upper().lower() == each] + [
    "\u03c3",
    "\u03c2",
]

anything = st.text(st.characters(exclude_categories=()), max_size=40)
nearly = st.builds("{}@{}".format, anything, anything)
# Letters of several scripts with accents, the marks that quote, and what mail programs put around addresses.
likely = st.text(
    st.sampled_from(
        'abAB.-_+"\\ @<>()[]:;,\u00e9\u0301\u0307\u0345\u0338\u0130\u03a3\u03c2\u1e9e\u023a\u00fc\u200d\u0430'
    ),
    max_size=30,
)
texts = (
    anything | nearly | likely | st.builds("{}@example.com".format, likely) | st.builds('"{}"@x.test'.format, likely)
)

ascii_local = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~."), min_size=1, max_size=64
)
ascii_label = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "-"), min_size=1, max_size=64
) | st.sampled_from(["xn--bcher-kva", "xn--a", "ab--c", "XN--"])
ascii_domain = st.lists(ascii_label, min_size=1, max_size=5).map(".".join)
ascii_address = st.builds("{}@{}".format, ascii_local, ascii_domain)

valid_local = st.lists(
    st.text(st.sampled_from("abC1+-=_\u00e9\u03c2"), min_size=1, max_size=6), min_size=1, max_size=4
).map(".".join)
idn_label = st.sampled_from(SCRIPTS).flatmap(lambda letters: st.text(st.sampled_from(letters), min_size=1, max_size=12))


def key(text: str) -> Address | None:
    """The text's key, or None where it is refused with a message that is short and safe to print."""
    try:
        return parse(text)
    except InvalidAddress as refusal:
        message = str(refusal)
    assert message.isprintable()
    assert len(message) < 1000
    return None


def validated(text: str) -> str | None:
    """What the full validator makes of the text."""
    try:
        valid = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    return f"{valid.local_part}@{valid.ascii_domain}".lower()


@given(texts)
@settings(max_examples=1000)
@example("\ud800@example.com")
@example("a@\udc00")
@example('"\ud800"@x.test')
def test_any_text_has_a_key_or_is_refused_and_its_key_is_its_own_key(text: str) -> None:
    """Nothing but ``InvalidAddress`` comes out; a key is stable, fits where keys go, and hides no character."""
    found = key(text)
    if found is not None:
        assert found == parse(found)
        local, _, domain = found.rpartition("@")
        assert 1 <= len(local.encode()) <= LOCAL_PART_OCTETS
        assert len(found.encode()) <= ADDRESS_OCTETS
        assert found.isprintable() or local.startswith('"')
        assert domain.isascii()
        assert domain == domain.lower()


@given(ascii_address)
@settings(max_examples=1000)
def test_the_short_way_decides_as_the_full_validator_does(text: str) -> None:
    """Both accept the same texts of this kind and give them the same key, but for numbers as names."""
    found = None if text.rpartition(".")[2].rpartition("@")[2].isdecimal() else validated(text)
    assert found == key(text)


@given(valid_local, st.sampled_from(["example.com", "corp.local", "b\u00fccher.example"]))
def test_the_short_way_and_the_long_way_give_one_key(local: str, domain: str) -> None:
    """Quotes that nobody needs send an address the long way."""
    assert parse(f"{local}@{domain}") == parse(f'"{local}"@{domain}')


@given(st.text(st.sampled_from(CASED), min_size=1, max_size=20))
def test_case_tells_nobody_apart(local: str) -> None:
    """Neither in the local part, quoted or not, nor in the domain."""
    assert parse(f"{local}@example.com") == parse(f"{local.upper()}@EXAMPLE.com")
    assert parse(f'"{local} "@example.com') == parse(f'"{local.upper()} "@example.COM')


@given(texts)
def test_how_unicode_composes_a_text_tells_nobody_apart(text: str) -> None:
    """Decomposed, an address has the key that it has composed."""
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert key(composed) == key(decomposed)


@given(st.lists(idn_label, min_size=1, max_size=3).map(".".join))
def test_both_forms_of_a_domain_give_one_key(domain: str) -> None:
    """The form for people and the form for the DNS, where the domain is one at all."""
    found = key(f"a@{domain}")
    if found is not None:
        assert found == parse(f"a@{idna.decode(domain_of(found))}")
        assert domain_of(found) == parse_domain(domain)


@given(texts)
def test_a_text_is_a_domain_exactly_if_an_address_can_have_it(text: str) -> None:
    """And nothing but ``InvalidAddress`` comes out."""
    found = key(f"a@{text}")
    try:
        domain = parse_domain(text)
    except InvalidAddress:
        assert found is None
    else:
        assert domain_of(found or Address("")) == domain


@given(st.builds("{}@example.com".format, valid_local), st.sampled_from(DELIMITERS))
def test_leaving_out_a_tag_gives_an_address_without_one(text: str, delimiter: str) -> None:
    """It is a key again, of the same domain, and leaving it out twice is leaving it out once."""
    address = parse(text)
    bare = without_tag(address, delimiter)
    assert bare == parse(bare)
    assert bare == without_tag(bare, delimiter)
    assert domain_of(address) == domain_of(bare)
