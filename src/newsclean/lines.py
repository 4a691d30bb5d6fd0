"""A column of text seen as lines: their bounds, their measure, and what they end in.

Owns: the columns of the line table and the punctuation table it is made with. Must not know: rules, classes, removals.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsclean.text import TextColumn

# Columns of the line table, int64 [lines, WIDTH].
DOC = 0  # row of the document
RAW0, RAW1 = 1, 2  # bytes of the line in the column's buffer, without the newline
B0, B1 = 3, 4  # the same without outer blanks; equal on a blank line
C0, C1 = 5, 6  # code points of RAW0 and RAW1, from the start of the document
F0, F1 = 7, 8  # code points of B0 and B1
WORDS = 9  # words; in scripts without spaces every character is one
DIGITS = 10
SIZE = 11  # code points that are not blank, a character of an unspaced script counting 2.5 (it says as much)
LAST = 12  # punctuation class the line ends in, closing quotes and brackets aside; 0 for a letter or digit
STOPS = 13  # sentences that end inside the line or at its end
HASH = 14  # of the folded words, in order: equal lines have equal hashes
WIDTH = 15

# Punctuation classes. A rule's phrase can demand one at its edge.
COLON, DASH, STOP, SLASH, OPEN, CLOSE, COMMA, NUMBER_SIGN, BULLET, AT, QUOTE, QUESTION, ELLIPSIS, BLANK = range(1, 15)
_MEMBERS = {
    COLON: ":：﹕︰ː꞉∶",
    DASH: "-–—−‐‑‒―－~|¦｜＝",
    STOP: ".。।॥۔።．｡։។။",
    SLASH: "/\\⁄∕／",
    OPEN: "([{（［｛【〔《〈「『﴿",
    CLOSE: ")]}）］｝】〕》〉」』﴾",
    COMMA: ",،;؛、，；﹐",
    NUMBER_SIGN: "#＃№",
    BULLET: "•*●▪■◆◇►◄▶◀▲△▼→←>＞‹›☞・✦★☆·∙○□✔✅👉",
    AT: "@＠",
    QUOTE: "\"'“”„‟«»‘’‚`´",
    QUESTION: "?!؟！？՞;",
    ELLIPSIS: "…",
    BLANK: " \t\r\x0b\x0c\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\ufeff",
}


@functools.cache
def punctuation_table() -> npt.NDArray[np.uint8]:
    """uint8 [0x110000]: the punctuation class of each code point, 0 for none. Read-only."""
    table = np.zeros(sys.maxunicode + 1, np.uint8)
    for number, members in _MEMBERS.items():
        for char in members:
            table[ord(char)] = number
    table.flags.writeable = False
    return table


def punctuation_class(char: str) -> int:
    """The punctuation class of one character, 0 for letters and digits.

    >>> punctuation_class(":") == punctuation_class("：") == COLON
    True
    """
    return int(punctuation_table()[ord(char)])


@dataclass(frozen=True, slots=True)
class Lines:
    """The line table of a column. Document `d` has the lines `first[d]` up to `first[d + 1]`."""

    table: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, texts: TextColumn) -> Lines:
        """Room for every line of the column; a scan fills it."""
        data, offsets = texts.data, texts.offsets
        newlines = np.flatnonzero(data == 10)
        first = np.searchsorted(newlines, offsets) + np.arange(len(offsets))
        first -= first[0]
        return cls(np.empty((int(first[-1]), WIDTH), np.int64, order="F"), first)
