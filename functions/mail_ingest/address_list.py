"""A list of addresses as it is written: whether it is one by the rules, and what in another looks like addresses. Pure.

The lenient readers never refuse a list. After a quote or a parenthesis that nobody closes they take all that follows
for a name or a comment, and of two addresses without a comma between them they make one that is none. So they are asked
only how they read it, and what they say counts where the list was well-formed.
"""

import re

from addresses.text import UNSHOWN

# What belongs to no address although it is not seen, and comes along when one is copied from a page.
_ZERO_WIDTH = r"\xad\u200b-\u200f\u2060\ufeff"
_ATOM = rf"[^\s {UNSHOWN}{_ZERO_WIDTH}\"(),:;<>@\[\\\]]"
_QUOTED = r'"(?:[^"\\]++|\\.)*+'

_PLAIN = re.compile(rf"{_ATOM}++@{_ATOM}++")
_OTHER = re.compile(rf'{_QUOTED}"@{_ATOM}++|{_ATOM}++@\[[^\]\s,@]*+\]', re.DOTALL)
# Each end is looked for once: whatever the text is made of, finding takes no longer than reading. Where an address is
# broken by what belongs into none, the half of it would be another address.
_BREAKS = r"\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff"
_WRITTEN = re.compile(rf"(?<!{_ATOM})(?<![{_BREAKS}\\@]){_ATOM}{{1,250}}+@{_ATOM}{{1,250}}+(?!{_ATOM})(?![{_BREAKS}@])")
_QUOTED_OR_OPEN = re.compile(rf'{_QUOTED}("?)', re.DOTALL)
_PARENTHESIS = re.compile(r"([()])")
_ESCAPED = re.compile(r"\\[()]")
# Obsolete (RFC 5322 section 4.4): the way that the message was to take to the address.
_ROUTE = re.compile(r"<(?:[ \t]*+@[^\s:<>,@]++[ \t]*+,?+)++:")


def is_plain(address: str) -> bool:
    """Whether the address is two runs of letters, digits and signs that need no quotes, with an ``@`` between them."""
    return _PLAIN.fullmatch(address) is not None


def is_address(address: str) -> bool:
    """Whether the address has the form of one, be it with a quoted local part or at an IP address."""
    return is_plain(address) or _OTHER.fullmatch(address) is not None


def without_routes(text: str) -> str:
    """The list with ``<@relay.example.org:alice@example.com>`` as ``<alice@example.com>``."""
    return _ROUTE.sub("<", text)


def is_well_formed(text: str, read: list[str]) -> bool:
    """Whether these addresses are what the list says: its quotes and comments are closed, and each ``@`` is of one."""
    outside = _without_comments(_ESCAPED.sub("", _QUOTED_OR_OPEN.sub(lambda found: "" if found[1] else '"', text)))
    if outside is None or '"' in outside or outside.count("@") != len(read):
        return False
    return all(map(is_address, read))


def _without_comments(text: str) -> str | None:
    """The text outside all parentheses, None where they do not match."""
    depth, outside = 0, []
    for part in _PARENTHESIS.split(text):
        depth += {"(": 1, ")": -1}.get(part, 0)
        if depth < 0:
            return None
        if depth == 0:
            outside.append(part)
    return None if depth else "".join(outside)


def written(text: str) -> list[str]:
    """Everything in the text that is written like an address, wherever it stands."""
    return [each.rstrip(".") for each in _WRITTEN.findall(text)]
