"""Keeps a cell of a text file from being taken for a formula, by an apostrophe that is taken away again. Pure.

Spreadsheet programs run a cell that begins with ``=``, ``+``, ``-`` or ``@``, in some languages with the full-width
form. Where they separate cells by a semicolon or a tab, quotes do not keep a cell of ours whole, so what follows a
separator within it is guarded too.
"""

import re

_FORMULA = r"""(?:[^\S\t\r\n]|")*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]"""
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
_UNGUARDED = re.compile(rf"{_BEGINS}(?={_FORMULA})|^(?=[\t\r\n])")
_GUARDED = re.compile(rf"{_BEGINS}'(?={_FORMULA})|^'(?=[\t\r\n])")


def guarded(text: str) -> str:
    """The cell as it may stand in a text file that a spreadsheet program opens."""
    if text[:1].isalnum() and ";" not in text and text.isprintable():
        return text
    return _UNGUARDED.sub("'", text)


def unguarded(text: str) -> str:
    """The cell as it was before it was guarded."""
    return _GUARDED.sub("", text) if "'" in text else text
