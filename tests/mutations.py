"""Damage to raw messages: the same for the same seed, and each kind of it met in mail or made to hurt a parser."""

import random
from collections.abc import Callable, Sequence

type Mutation = Callable[[random.Random, bytes, bytes], bytes]

LARGEST = 512 * 1024
_FRAGMENTS = [
    *(b",", b'"', b"(", b")", b"<", b">", b"@", b":", b";", b"\\", b"=?", b"?=", b"=", b"\0", b"\xff", b"\r", b"\n"),
    *(b"\r\n ", b"\n\t", b"\r\n\r\n", b"=?utf-8?q?", b"=?utf-8?b?", b"=?x?q?a?=", b"=?gb2312?b?xOO6ww==?=", b"a@b,"),
    *(
        b"\nTo: ",
        b"\r\nTo:",
        b"\nX-A: b",
        b"\nSubject:",
        b"\nCc: (",
        b"\nFrom:",
        b"\nDelivered-To: ",
        b"\x1b$B",
        b"\x0e",
    ),
    *(b"--\r\n", b"a;", b"x:", b";*0*=", b"\xc3", b"\xe2\x80\xae", b"\xf0\x9f", b"\x81\x40", b"\xef\xbb\xbf", b"From "),
]


def mutated(seed: int, messages: Sequence[bytes], largest: int = LARGEST) -> bytes:
    """One of the messages, damaged once or a few times, and cut where it has grown to more than the largest."""
    chance = random.Random(seed)  # noqa: S311 - the same damage for the same seed is the point
    raw, other = chance.choice(messages), chance.choice(messages)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        raw = chance.choice(_MUTATIONS)(chance, raw, other)[:largest]
    return raw


def _flipped(chance: random.Random, raw: bytes, _other: bytes) -> bytes:
    changed = bytearray(raw)
    for at in [_within(chance, raw) for _ in range(chance.choice([1, 2, 8, 64]) if raw else 0)]:
        changed[at] = chance.randrange(256)
    return bytes(changed)


def _truncated(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    at = _within(chance, raw)
    return chance.choice([raw[:at], raw[at:]])


def _lines_changed(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """A line, or a block of them, is lost, doubled, or stands elsewhere."""
    lines = raw.splitlines(keepends=True)
    at = chance.randrange(len(lines) + 1)
    block = slice(at, at + chance.choice([1, 1, 1, 3, 20]))
    taken = lines[block]
    match chance.randrange(3):
        case 0:
            del lines[block]
        case 1:
            lines[at:at] = taken * chance.choice([1, 1, 2, 50])
        case _:
            del lines[block]
            lines[(elsewhere := chance.randrange(len(lines) + 1)) : elsewhere] = taken
    return b"".join(lines)


def _other_line_breaks(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    lf = raw.replace(b"\r\n", b"\n")
    breaks = chance.choice([[b"\r\n"], [b"\n"], [b"\r"], [b"\r\n", b"\n", b"\r"], [b"\r\r\n"], [b"\n\r"]])
    if len(breaks) == 1:
        return lf.replace(b"\n", breaks[0])
    return b"".join(line + chance.choice(breaks) for line in lf.split(b"\n"))


def _inserted(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    at = _within(chance, raw)
    return raw[:at] + b"".join(chance.choices(_FRAGMENTS, k=chance.choice([1, 1, 3, 10]))) + raw[at:]


def _eight_bit(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    at = _within(chance, raw)
    return raw[:at] + chance.randbytes(chance.choice([1, 4, 30])) + raw[at:]


def _repeated(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """A fragment stands there thousands of times: of our own, or one of the message's."""
    at, start = _within(chance, raw), _within(chance, raw)
    fragment = chance.choice([*_FRAGMENTS, raw[start : start + chance.choice([1, 2, 10, 100])]])
    return raw[:at] + fragment * (chance.choice([100, 5_000, 5_000, 300_000]) // max(1, len(fragment))) + raw[at:]


def _joined(chance: random.Random, raw: bytes, other: bytes) -> bytes:
    return raw[: _within(chance, raw)] + other[_within(chance, other) :]


def _field_repeated(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    fields = [line for line in raw[:20_000].splitlines() if b":" in line] or [b"To: alice@example.com"]
    return (chance.choice(fields) + b"\r\n") * chance.choice([1, 2, 100, 1_000, 5_000]) + raw


def _nested(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    wrapping = chance.choice(
        [
            b"Content-Type: message/rfc822\r\n\r\n",
            b"From: bob@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        ]
    )
    return wrapping * chance.choice([1, 3, 3_000]) + raw


def _encoded_word_damaged(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """The first encoded word loses or gains something; where there is none, a broken one gets in."""
    at = raw.find(b"=?")
    if at < 0:
        at = max(0, raw.find(b": ")) + 2
        return raw[:at] + chance.choice([b"=?utf-8?b?A?= ", b"=?\0?q?=ZZ?=", b"=?utf-8?q?=?= =?="]) + raw[at:]
    at += chance.randrange(30)
    return raw[:at] + chance.choice([b"", b"?", b"=", b"\xff", b"\r\n ", b"*en", b"no-such-charset"]) + raw[at + 1 :]


def _within(chance: random.Random, raw: bytes) -> int:
    """A position, of which three in four lie where headers are."""
    return chance.randrange(max(1, min(len(raw), chance.choice([300, 1000, 3000, len(raw)]))))


_MUTATIONS: list[Mutation] = [
    _flipped,
    _truncated,
    _lines_changed,
    _other_line_breaks,
    _inserted,
    _eight_bit,
    _repeated,
    _joined,
    _field_repeated,
    _nested,
    _encoded_word_damaged,
]
