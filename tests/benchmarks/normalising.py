"""Normalising addresses, beside email-validator, which has to agree on each of a million."""

import sys
from collections.abc import Iterator
from random import Random

from email_validator import EmailNotValidError, validate_email

from addresses.address import parse, parse_if_any
from addresses.errors import InvalidAddress
from tests.benchmarks import organisation
from tests.benchmarks.row import Row, at_least, cpu

TEXTS = 1_000_000
COMPARED_FOR_SPEED = 20_000
# What is said of a domain that email-validator lets through (`addresses.address`).
OWN_RULES = ("is a number or an IP address", "mixes")
_ATOM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~-"
_LABEL = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-"
_DAMAGE = ["", " ", "..", "@", ",", "\n", '"', "<", "\u00fc", "\x00", "-", "xn--", "a" * 64]


def texts(number: int, seed: int = 1) -> Iterator[str]:
    """Addresses of all characters that there are in ASCII, and one in ten with a damage, which need not be one."""
    random = Random(seed)  # noqa: S311 - figures that are made again, not secrets
    for _ in range(number):
        local = ".".join(_some(random, _ATOM, 12) for _ in range(random.randint(1, 3)))
        domain = ".".join(_some(random, _LABEL, 10) for _ in range(random.randint(1, 3)))
        text = f"{local}@{domain}.{random.choice(['com', 'ORG', 'example', 'de', 'c0', 'x'])}"
        if random.random() < 0.1:
            at = random.randrange(len(text))
            text = text[:at] + random.choice(_DAMAGE) + text[at + random.randint(0, 1) :]
        yield text


def _some(random: Random, letters: str, most: int) -> str:
    return "".join(random.choices(letters, k=random.randint(1, most)))


def validated(text: str) -> str | None:
    """What email-validator makes of it, in the form in which addresses are keys."""
    try:
        valid = validate_email(
            text, check_deliverability=False, allow_quoted_local=True, globally_deliverable=False, strict=True
        )
    except EmailNotValidError:
        return None
    return f"{valid.local_part.lower()}@{valid.ascii_domain}"


def rows() -> Iterator[Row]:
    """Speed on an organisation's addresses; agreement on any."""
    people = [each for entry in organisation.entries(30_000) for each in (entry.primary, *entry.aliases)]
    ours = len(people) / cpu(lambda: [parse_if_any(each) for each in people], times=3)
    some = people[:COMPARED_FOR_SPEED]
    theirs = len(some) / cpu(lambda: [validated(each) for each in some])
    yield at_least("normalise addresses", ours, "email-validator", theirs, 40)
    yield Row("normalise addresses", f"{ours:,.0f}/s", "", "", ">= 1,000,000/s", ours >= 1_000_000)
    known = ((text, key_or_why(text), validated(text)) for text in texts(TEXTS))
    differ = [(text, ours, theirs) for text, ours, theirs in known if ours != (theirs or "")]
    stricter = [each for each in differ if each[1] in OWN_RULES]
    for each in differ:
        if each not in stricter:
            print(*map(ascii, each), file=sys.stderr)
    told = f"{len(differ) - len(stricter)} differ", f"email-validator; {len(stricter)} are refused by rules of our own"
    yield Row(f"the same of {TEXTS:,} texts", *told, "", "0", len(differ) == len(stricter))


def key_or_why(text: str) -> str:
    """Our key of the text; empty, or which rule of our own it breaks, where it has none."""
    try:
        return parse(text)
    except InvalidAddress as refusal:
        return next((rule for rule in OWN_RULES if rule in str(refusal)), "")
