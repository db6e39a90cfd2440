"""What people wrote, as it may be shown to others: names, reasons, file names."""

import re

# Control characters, line and paragraph separators, overrides of writing direction, halves of surrogate pairs.
UNSHOWN = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_BLANKS = re.compile(rf"[ {UNSHOWN}]+")


def one_line(text: str) -> str:
    """The text on one line, with a blank for all that cannot be seen, or would make what follows look otherwise.

    So it forges no line where it is listed, and can be stored: a half of a surrogate pair has no bytes.
    """
    # Nearly all texts are on one line already, or have no other blanks than ASCII's: found out in a tenth of the time.
    if text.isprintable() and "  " not in text:
        return text.strip()
    if text.isascii() and (joined := " ".join(text.split())).isprintable():
        return joined
    return _BLANKS.sub(" ", text).strip()
