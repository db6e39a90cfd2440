"""Raw messages that no mail program writes, or only a broken one: each is a trap that some parser falls into."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.journals import BOUNDARY, lines, report
from tests.mail import raw_message

_LARGE = "256 KiB"
_PART_OF_TO = "Part of to could not be read."
_ALICE = ("alice@example.com",)
_BOTH = ("alice@example.com", "carol@example.net")


@dataclass(frozen=True)
class Trap:
    """A raw message, the internal addresses that its header names, and what ``unparsed`` says of it: words, or None."""

    name: str
    raw: bytes
    named: tuple[str, ...] = _ALICE
    mark: str | None = None


def traps() -> list[Trap]:
    """All of them."""
    return [*_broken_blocks(), *_broken_lists(), *_broken_words(), *_large(), *_deep(), *_reports()]


def _fields(*fields: bytes) -> bytes:
    """A message that ends with these fields; Alice is named in none but them."""
    return raw_message("", to=None).removesuffix(b"\r\n") + b"\r\n".join(fields) + b"\r\n\r\nHello.\r\n"


def _broken_blocks() -> Iterator[Trap]:
    plain = raw_message()
    yield Trap("empty", b"", (), "empty")
    yield Trap("a line break and nothing else", b"\n", (), "no message")
    yield Trap("UTF-16", plain.decode().encode("utf-16"), (), "no message")
    yield Trap("one line of 5 MB", b"x" * 5_000_000, (), "no message")
    yield Trap("one field of 5 MB without an end", b"X: " + b"x" * 5_000_000, (), _LARGE)
    yield Trap("a UTF-8 mark", b"\xef\xbb\xbf" + plain)
    yield Trap("an mbox separator after a UTF-8 mark", b"\xef\xbb\xbfFrom bob@example.org Sun Mar  1\r\n" + plain)
    yield Trap("a quoted mbox separator", b">From bob@example.org Sun Mar  1\n" + plain)
    yield Trap("the end of a field that was lost", b"\tby mx.example.com\r\n" + plain)
    yield Trap(
        "every line ends otherwise", b"".join(map(bytes.__add__, plain.splitlines(), [b"\r", b"\n", b"\r\n"] * 3))
    )
    yield Trap("two CRs before each LF", plain.replace(b"\r\n", b"\r\r\n"), ())
    yield Trap("header and no body", plain.partition(b"\r\n\r\n")[0])
    yield Trap("NULs in every field", plain.replace(b": ", b": \0").replace(b"\r\n", b"\0\r\n", 5))
    yield Trap("a NUL in a field's name", plain.replace(b"Subject:", b"X-\0A: b\r\nSubject:"))
    yield Trap("folds of white space alone", _fields(b"To:\r\n \r\n\t\r\n alice@example.com\r\n "))


def _broken_lists() -> Iterator[Trap]:
    for name, to, named, mark in [
        ("a quote that nobody closes", b'"Bob <bob@example.org>, alice@example.com', _ALICE, _PART_OF_TO),
        ("a quote closed by an escaped one", b'"Bob\\" <bob@example.org>, alice@example.com', _ALICE, _PART_OF_TO),
        ("a comment that nobody closes", b"carol@example.net (away, alice@example.com", _BOTH, _PART_OF_TO),
        ("a comment that nobody opens", b"carol@example.net), alice@example.com", _BOTH, _PART_OF_TO),
        ("an IP address that nobody closes", b"bob@[192.0.2.1, alice@example.com", _ALICE, _PART_OF_TO),
        ("two addresses without a comma", b"alice@example.com carol@example.net", _BOTH, _PART_OF_TO),
        ("a name before a bare address", b"Alice Jones alice@example.com", _ALICE, _PART_OF_TO),
        ("an address that nobody opens", b"Alice alice@example.com>, carol@example.net", _BOTH, _PART_OF_TO),
        (
            "half an address behind a NUL",
            b"bob\0alice@example.com, carol@example.net",
            ("carol@example.net",),
            _PART_OF_TO,
        ),
        ("half an address behind a backslash", b"bob\\alice@example.com x@", (), _PART_OF_TO),
        ("a group that nobody closes", b"Team: alice@example.com, carol@example.net", _BOTH, None),
        ("groups in a group", b"A: B: alice@example.com;; carol@example.net;", _BOTH, None),
        ("a route", b"<@relay.example.org,@mx.example.org:alice@example.com>", _ALICE, None),
        ("comments in comments", b"(a (b (c) \\( d)) alice@example.com (e), carol@example.net", _BOTH, None),
        ("an address as a name and another", b'"bob@example.org" <alice@example.com>', _ALICE, None),
        ("an address in a comment", b"alice@example.com (was carol@example.net)", _ALICE, None),
        ("apostrophes around it", b"'alice@example.com', <'carol@example.net'>", _BOTH, None),
        ("what cannot be seen beside it", "\u200balice@example.com\ufeff".encode(), _ALICE, _PART_OF_TO),
        (
            "another direction of writing within it",
            "x@exam\u202eple.com, alice@example.com".encode(),
            _ALICE,
            _PART_OF_TO,
        ),
        ("broken words as names", b"=?utf-8?b?A?= <alice@example.com>, =?x?q?=?= <carol@example.net>", _BOTH, None),
        ("a raw name in ISO-2022-JP", b"\x1b$B$3$s\x1b(B <alice@example.com>, carol@example.net", _BOTH, None),
        ("a label that decodes to nothing", b"x@xn--k000000000000000000ple.example, alice@example.com", _ALICE, None),
        ("no address", b"undisclosed recipients", (), None),
    ]:
        yield Trap(name, _fields(b"To: " + to), named, mark)


def _broken_words() -> Iterator[Trap]:
    alice = b"To: alice@example.com"
    for name, subject in [
        ("no such charset", b"=?no-such-charset?q?=41?= =??q?=41?="),
        ("no such encoding", b"=?utf-8?x?=41?="),
        ("base64 of a wrong length", b"=?utf-8?b?A?= =?utf-8?b?QUJD=QUJD?="),
        ("half an escape", b"=?utf-8?q?=4?= =?utf-8?q?=ZZ=?="),
        ("half a letter in each word", b"=?utf-8?q?=C3?= =?utf-8?q?=BC?="),
        ("halves of surrogate pairs", b"=?utf-16?b?2ADYAA==?= =?utf-7?q?+2AA-?="),
        ("words in a word", b"=?utf-8?q?=?utf-8?q?a?=?="),
        ("a language in a word", b"=?utf-8*de?q?Gr=C3=BC=C3=9Fe?="),
        ("line breaks and fields in a word", b"=?utf-8?q?one=0D=0ABcc:_carol=40example.net?="),
    ]:
        yield Trap(f"an encoded word: {name}", _fields(b"Subject: " + subject, alice))
    abuse = b"attachment; filename*0*=no-such''%; filename*=''%ZZ; filename*99999999999=x; filename*-1*=y; *=; =;;"
    yield Trap("RFC 2231 abuse", _fields(b"Content-Disposition: " + abuse, b"Content-Type: x/y; charset*0*=;;", alice))


def _large() -> Iterator[Trap]:
    alice, carol = b"To: alice@example.com", b"Cc: carol@example.net"
    yield Trap("100,000 commas", _fields(alice + b"," * 100_000 + b"carol@example.net"), _BOTH)
    yield Trap("50,000 quotes", _fields(alice + b"," + b'"' * 50_000))
    yield Trap(
        "50,000 quotes, then an address", _fields(b"To: " + b'"' * 50_001 + b" alice@example.com"), _ALICE, _PART_OF_TO
    )
    yield Trap(
        "100,000 escaped quotes",
        _fields(b"To: @," + b'"' + b'\\"' * 8_000 + b", alice@example.com"),
        _ALICE,
        _PART_OF_TO,
    )
    signs = b"x:" + b"@" * 16_000 + b","
    yield Trap("250,000 signs in groups", _fields(b"To: " + signs * 15, carol), ("carol@example.net",), _PART_OF_TO)
    names = b"x: <bob@example.org> " + b"y >" * 5_000 + b","
    yield Trap("80,000 names in groups", _fields(b"To: " + names * 16, carol), ("carol@example.net",), _PART_OF_TO)
    yield Trap("50,000 parentheses", _fields(alice + b", @" + b"(" * 50_000), _ALICE, _PART_OF_TO)
    yield Trap(
        "50,000 signs that open something", _fields(alice + b", @" + b'<("[:' * 10_000, carol), _BOTH, _PART_OF_TO
    )
    yield Trap("200,000 letters and no @", _fields(b"To: " + b"x" * 200_000, carol), ("carol@example.net",))
    yield Trap("50,000 parameters", _fields(b"Content-Type: text/plain" + b";a=b" * 50_000, alice))
    continued = b"".join(b";a*%d*=utf-8''%%41" % number for number in range(8_000))
    yield Trap("8,000 continued parameters", _fields(b"Content-Type: text/plain" + continued, alice))
    everybody = tuple(f"user{number}@example.com" for number in range(10_000))
    yield Trap("10,000 recipients", raw_message(to=",\r\n ".join(everybody)), everybody, "are kept")
    others = ",".join(f"é{number}@ü{number}.example" for number in range(9_000))
    yield Trap("9,000 recipients in another alphabet", raw_message(cc=others), _ALICE, "more than 10000 recipients")
    yield Trap("50,000 lists of nobody", b"To:\n" * 50_000 + raw_message())
    yield Trap("30,000 broken lists", b"Cc:(@)\n" * 30_000 + raw_message())
    words = b"=?utf-8?q?=C3=BC?=\r\n " * 20_000
    yield Trap("20,000 encoded words", _fields(alice, b"Subject: " + words), _ALICE, _LARGE)
    yield Trap("10,000 encoded words that do not decode", _fields(alice, b"Subject: " + b"=?hex?q?zz?=@(" * 10_000))
    yield Trap("a folded field of 5 MB", _fields(alice, b"X-A: " + b"b\r\n " * 1_250_000, carol), _ALICE, _LARGE)
    yield Trap("100,000 fields", _fields(alice, b"X-A: b\r\n" * 100_000 + carol), _ALICE, _LARGE)
    trace = b"Received: from a.example.org by b.example.org; Sun, 01 Mar 2026 10:29:58 +0100\r\n"
    yield Trap("2,000 hops", trace * 2_000 + raw_message())


def _deep() -> Iterator[Trap]:
    nested = "Content-Type: message/rfc822\r\n\r\n"
    yield Trap("a message in a message, 3,000 deep", raw_message(nested * 3_000, content_type="message/rfc822"))
    levels = "".join(f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n" for n in range(3_000))
    yield Trap("parts in parts, 3,000 deep", raw_message(levels, content_type="multipart/mixed; boundary=b0"))
    parts = "--b\r\n\r\nx\r\n" * 50_000
    yield Trap("50,000 parts", raw_message(parts, content_type="multipart/mixed; boundary=b"))
    yield Trap("parts without a boundary", raw_message("--\r\n\r\n", content_type='multipart/mixed; boundary=""'))
    yield Trap("a body of broken base64", raw_message("=A==\0" * 1_000, content_transfer_encoding="base64"))


def _reports() -> Iterator[Trap]:
    told, original = lines("To: carol@example.net"), raw_message()
    whole = report(told, original)
    nested = original
    for _ in range(300):
        nested = report(told, nested)
    yield Trap("a journal report", whole)
    yield Trap("journal reports in each other", nested)
    yield Trap("50,000 originals", report(told, *[b"x"] * 50_000))
    yield Trap(
        "100,000 recipients", report(lines(*["To: carol@example.net, Expanded: a@example.com"] * 100_000), original)
    )
    yield Trap("a recipient of a megabyte", report(lines("To: " + ", Forwarded: " * 80_000), original))
    yield Trap("a boundary of signs", whole.replace(BOUNDARY.encode(), b"(.*)+[^a]$"))
    yield Trap("a boundary in pieces", whole.replace(b"; boundary=", b"; boundary*0*=utf-8'en'x; boundary*1="))
    yield Trap("a boundary and nothing else", whole.partition(b"--")[0] + f"--{BOUNDARY}\r\n".encode() * 100_000)
    yield Trap("text in no charset", whole.replace(b'charset="utf-8"', b"charset=\"\xff\"; charset*=x'y'%ff"))
    for kind in ("boundary", "charset"):
        name = f"{kind}=".encode()
        nul = whole.replace(name, f"{kind}*=utf\0-8'en'".encode())
        yield Trap(f"a NUL in the name of the charset that a {kind} is in", nul)
        pieces = whole.replace(name, f"{kind}*=utf-8'en'x; {kind}*2=y; {kind}=".encode())
        yield Trap(f"a {kind} in pieces with and without a number", pieces)
    yield Trap(
        "text that is no Base64", report("=" * 100_000, original, encoding="Content-Transfer-Encoding: base64\r\n")
    )
    for codec in ("undefined", "punycode", "idna", "unicode_escape", "rot13"):
        named = whole.replace(b'charset="utf-8"', f'charset="{codec}"'.encode())
        yield Trap(f"text in {codec}", named.replace(b"Sender: bob", b"Sender: " + b"x-" * 100_000 + b"bob"))
        yield Trap(f"a boundary in {codec}", whole.replace(b"; boundary=", f"; boundary*={codec}'en'".encode()))
    blanks = lines("To: carol@example.net", subject="a" + " " * 200_000 + "b")
    yield Trap("a report of a subject of blanks", report(blanks, original))
