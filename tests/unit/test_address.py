"""Which texts are addresses, which of them are the same address, and the sentence that says why a text is none."""

import time

import pytest

from addresses.address import Address, domain_of, parse, parse_domain, without_tag
from addresses.errors import InvalidAddress

COMPOSED, DECOMPOSED = "jos\u00e9", "jose\u0301"
# 63 + 63 + 63 + 22 octets and three dots: with 43 octets before it, an address of 254 and one @.
DOMAIN_210 = ".".join(["d" * 63, "d" * 63, "d" * 63, "d" * 18])


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        (
            "alice@example.com",
            ["alice@example.com", "Alice@Example.COM", '"alice"@example.com', '"A\\lice"@Example.com'],
        ),
        ("a.b+c@example.com", ["a.b+c@example.com", '"a.b+c"@EXAMPLE.com']),
        ("o'neil/x=1?#%{}|^`~!$&*_-@example.com", ["O'Neil/X=1?#%{}|^`~!$&*_-@example.com"]),
        # Quotes stay where they are needed, and never make two keys of one address.
        ('"a b"@example.com', ['"a b"@example.com', '"A\\ B"@example.com']),
        ('"a@b"@example.com', ['"a@b"@example.com', '"A\\@B"@EXAMPLE.COM']),
        ('"a\\"\\\\b"@example.com', ['"a\\"\\\\b"@example.com']),
        ('".a..b."@example.com', ['".a..b."@example.com']),
        ('" "@example.com', ['" "@example.com', '"\\ "@example.com']),
        # An internationalised domain, as people and as the DNS write it.
        (
            "alice@xn--bcher-kva.example",
            [
                "alice@b\u00fccher.example",
                "alice@bu\u0308cher.example",
                "ALICE@B\u00dcCHER.example",
                "alice@XN--Bcher-kva.example",
            ],
        ),
        (
            "alice@xn--strae-oqa.example",
            ["alice@stra\u00dfe.example", "alice@STRA\u1e9eE.example", "alice@xn--strae-oqa.example"],
        ),
        ("alice@strasse.example", ["alice@strasse.example"]),
        ("alice@xn--wgv71a119e.example", ["alice@\u65e5\u672c\u8a9e.example", "alice@\u65e5\u672c\u8a9e\u3002example"]),
        # An internationalised local part.
        (f"{COMPOSED}@example.com", [f"{COMPOSED}@example.com", f"{DECOMPOSED}@example.com", "JOS\u00c9@example.com"]),
        ("strau\u00df@example.com", ["strau\u00df@example.com", "STRAU\u1e9e@example.com"]),
        ("strauss@example.com", ["strauss@example.com", "STRAUSS@example.com"]),
        (
            "\u03bd\u03af\u03ba\u03bf\u03c3@example.com",
            ["\u039d\u03af\u03ba\u03bf\u03c2@example.com", "\u039d\u038a\u039a\u039f\u03a3@example.com"],
        ),
        ("\u6771\u4eac@example.com", ["\u6771\u4eac@example.com"]),
        # Names that are not in the public DNS.
        ("alice@corp.local", ["alice@corp.local", '"alice"@corp.local']),
        (f"{COMPOSED}@mail.test", [f"{DECOMPOSED}@MAIL.test"]),
        ("alice@localhost", ["Alice@localhost"]),
    ],
)
def test_spellings_of_one_address_give_one_key(key: str, spellings: list[str]) -> None:
    """Case, quotes, Unicode's composition and both forms of a domain tell nobody apart."""
    assert {key} == {parse(spelling) for spelling in spellings}


def test_what_hosts_may_tell_apart_stays_apart() -> None:
    """Dots, tags, folded letters and letters that only look alike are never merged unasked."""
    texts = ["a.b", "ab", "a+b", "a", "stra\u00dfe", "strasse", "\ufb01n", "fin", "\u0430", '"a b"', '"a  b"']
    assert len(texts) == len({parse(f"{text}@example.com") for text in texts})


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "must have an @-sign"),
        ("alice", "must have an @-sign"),
        ("alice\uff20example.com", "full-width"),
        ("@", "something before the @-sign"),
        ("@example.com", "something before the @-sign"),
        ('""@example.com', "something before the @-sign"),
        ("alice@", "something after the @-sign"),
        ("alice@bob@example.com", "invalid characters: '@'"),
        ("alice@example.com, bob@example.com", "invalid characters: ',', '@', SPACE"),
        ("Alice <alice@example.com>", "display name and angle brackets"),
        ("<alice@example.com>", "display name and angle brackets"),
        ("mailto:alice@example.com", "invalid characters before the @-sign: ':'"),
        (" alice@example.com", "before the @-sign: SPACE"),
        ("alice@example.com ", "after the @-sign contains invalid characters: SPACE"),
        ("alice@example.com\n", "U+000A"),
        ("al\r\nice@example.com", "U+000A, U+000D"),
        ("al\x00ice@example.com", "U+0000"),
        ('"al\x00ice"@example.com', "U+0000"),
        ('"al\r\nice"@example.com', "U+000A, U+000D"),
        ("al\x7fice@example.com", "U+007F"),
        ("al\u200bice@example.com", "ZERO WIDTH SPACE"),
        ('"al\u200bice"@example.com', "ZERO WIDTH SPACE"),
        ("al\u202eice@example.com", "RIGHT-TO-LEFT OVERRIDE"),
        ('"al\u2066ice"@example.com', "LEFT-TO-RIGHT ISOLATE"),
        ("alice@exam\u200bple.com", "ZERO WIDTH SPACE"),
        ("alice@exam\u00adple.com", "SOFT HYPHEN"),
        ("\ufeffalice@example.com", "ZERO WIDTH NO-BREAK SPACE"),
        ("\u0301alice@example.com", "COMBINING ACUTE ACCENT"),
        ("al\ud800ice@example.com", "U+D800"),
        ("alice@\udfff.example", "U+DFFF"),
        (".alice@example.com", "start with a period"),
        ("alice.@example.com", "period immediately before the @-sign"),
        ("al..ice@example.com", "two periods in a row"),
        ("alice@example..com", "two periods in a row"),
        ("alice@.example.com", "period immediately after the @-sign"),
        ("alice@example.com.", "cannot end with a period"),
        ("alice@-example.com", "hyphen immediately after the @-sign"),
        ("alice@exa_mple.com", "invalid characters: '_'"),
        ("alice@ab--cd.example", "two letters followed by two dashes"),
        ("alice@a---b.example", "two letters followed by two dashes"),
        ("alice@xn--999999999.example", "not valid IDNA"),
        ("alice@xn--k000000000000000000ple.example", "a label that decodes to nothing"),
        ("alice@192.0.2.1", "a number or an IP address. Name the host"),
        ("alice@[192.0.2.1]", "bracketed IP address"),
        ("alice@[IPv6:2001:db8::1]", "bracketed IP address"),
        ("alice@ex\u0430mple.com", "mixes Cyrillic and Latin letters"),
        ("alice@xn--exmple-4nf.com", "mixes Cyrillic and Latin letters"),
        ("alice@1.\u05d0\u05d1.example", "not valid IDNA"),
        ("alice@\u05d01a.example", "Invalid direction"),
    ],
)
def test_a_text_that_is_no_address_is_refused_with_its_reason(text: str, because: str) -> None:
    """The message quotes the text, says what is wrong with it, and cannot move a cursor or split a line of a log."""
    with pytest.raises(InvalidAddress) as refused:
        parse(text)
    message = str(refused.value)
    assert because in message
    assert message.startswith((f"{text!r} is not an address", f"{text[:80]!r}..."))
    assert message.isprintable()


@pytest.mark.parametrize(
    ("fits", "grown", "because"),
    [
        ("a" * 64 + "@example.com", "a" * 65 + "@example.com", "more than 64 octets before the @-sign"),
        ("\u00e9" * 32 + "@example.com", "\u00e9" * 32 + "a@example.com", "more than 64 octets before the @-sign"),
        (
            '"' + "a " * 31 + '"@example.com',
            '"' + "a " * 31 + 'a"@example.com',
            "more than 64 octets before the @-sign",
        ),
        # Two octets as a capital, three as a small letter.
        ("\u023a" * 21 + "@example.com", "\u023a" * 22 + "@example.com", "more than 64 octets before the @-sign"),
        ("a" * 43 + f"@{DOMAIN_210}", "a" * 44 + f"@{DOMAIN_210}", "longer than 254 characters"),
        ("\u00e9" * 21 + f"a@{DOMAIN_210}", "\u00e9" * 22 + f"@{DOMAIN_210}", "too long"),
        ("\u023a" * 14 + f"a@{DOMAIN_210}", "\u023a" * 14 + f"aa@{DOMAIN_210}", "more than 254 octets"),
        (f"alice@{'d' * 63}.example", f"alice@{'d' * 64}.example", "so many characters"),
        (f"alice@{'\u00fc' * 50}.example", f"alice@{'\u00fc' * 60}.example", "Label too long"),
    ],
)
def test_the_limits_in_octets_count_after_normalisation(fits: str, grown: str, because: str) -> None:
    """What just fits is an address, and one octet more is none."""
    assert len(parse(fits).encode()) <= 254
    with pytest.raises(InvalidAddress, match=because):
        parse(grown)


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000 + "@example.com", "a@" * 500_000, '"' * 1_000_000, "\u0301" * 1_000_000]
)
def test_a_text_of_any_length_is_refused_at_once(text: str) -> None:
    """Nothing of it is looked at, and the message shows only how it begins."""
    began = time.perf_counter()
    with pytest.raises(InvalidAddress, match="longer than 254 characters") as refused:
        parse(text)
    assert time.perf_counter() - began < 0.1
    assert len(str(refused.value)) < 1000


def test_a_refusal_that_lists_characters_is_cut() -> None:
    """It may name every character of the text, and goes into reports and logs."""
    with pytest.raises(InvalidAddress) as refused:
        parse("".join(map(chr, range(1, 32))) * 7 + "@example.com")
    assert len(str(refused.value)) < 700
    assert str(refused.value).endswith("...")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Example.COM", "example.com"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("corp.local", "corp.local"),
        ("d" * 63 + "." + DOMAIN_210[:188], "d" * 63 + "." + DOMAIN_210[:188]),
    ],
)
def test_a_domain_is_read_as_in_an_address(text: str, domain: str) -> None:
    """Up to the longest domain that an address can have."""
    assert domain == parse_domain(text)
    assert domain == domain_of(parse(f"a@{text}"))


@pytest.mark.parametrize(
    "text",
    ["", "@", "alice@example.com", "example.com.", "exa mple.com", "192.0.2.1", "[192.0.2.1]", "*.example", "e\n.x"],
)
def test_a_text_that_is_no_domain_is_refused(text: str) -> None:
    """The message names the text itself, not an address made up of it."""
    with pytest.raises(InvalidAddress) as refused:
        parse_domain(text)
    assert str(refused.value).startswith(f"{text!r} is not a domain: ")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("address", "delimiter", "expected"),
    [
        ("alice+news@example.com", "+", "alice@example.com"),
        ("alice+news+more@example.com", "+", "alice@example.com"),
        ("alice-news@example.com", "-", "alice@example.com"),
        ("alice.news@example.com", ".", "alice@example.com"),
        ("alice@example.com", "+", "alice@example.com"),
        ("alice-news@example.com", "+", "alice-news@example.com"),
        ("alice@ex-ample.com", "-", "alice@ex-ample.com"),
        # Without the tag these would be no addresses.
        ("+news@example.com", "+", "+news@example.com"),
        ("alice.+news@example.com", "+", "alice.+news@example.com"),
        ('"al ice+news"@example.com', "+", '"al ice+news"@example.com'),
    ],
)
def test_a_tag_is_what_follows_the_first_delimiter_of_the_local_part(
    address: str, delimiter: str, expected: str
) -> None:
    """Where leaving it out leaves no address, there is no tag."""
    assert expected == without_tag(Address(address), delimiter)
    assert parse(expected) == expected
