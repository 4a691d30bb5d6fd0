"""The one fold: which spellings count as the same when newsclean compares text.

Owns: the table from code point to folded code point, SKIP or SEPARATOR. Must not know: rules, shingles, languages.
Folding only decides; it never rewrites text that anyone gets to see.

One code point maps to one, so a kernel folds with a single look-up. Where Unicode expands (`ﻻ` to two letters, `ß` to
`ss`) only the first letter counts, on both sides of a comparison.
"""

from __future__ import annotations

import functools
import sys
import unicodedata

import numpy as np
import numpy.typing as npt

SEPARATOR = 0
SKIP = 1

# Letters that news spells in several ways for one word. Hamza carriers and madda come apart by NFD; these do not.
_SAME_LETTER = {
    "ٱ": "ا", "ٲ": "ا", "ٳ": "ا", "ٵ": "ا",
    "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ێ": "ي",
    "ک": "ك", "ڪ": "ك",
    "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ۂ": "ه", "ۃ": "ه",
    "ı": "i", "ł": "l", "ø": "o", "đ": "d",
}  # fmt: skip
_SKIPPED = "\u0640\u034f"  # tatweel; combining grapheme joiner
# Marks that tell words apart: Indic and South-East Asian vowel signs, virama, Thai and Lao tones. Everything else that
# combines (harakat, niqqud, accents) is left out of half the news, so it is skipped.
_SPELLING_MARKS = {0, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132}
_NO_WORD = frozenset(["Cc", "Cn", "Co", "Cs", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So", "Zl", "Zp", "Zs"])
_HARAKAT = range(27, 36)  # their combining classes
_INVISIBLE_MARKS = range(0xFE00, 0xFE10)  # variation selectors: combining class 0, but no letters
_AM = "\u0e33\u0eb3"  # the Thai and Lao vowel: a letter, but its decomposition opens with a mark
# Decomposing these would lose the word: a Hangul syllable its vowel, a kana its voice.
_WHOLE = (range(0x3040, 0x3100), range(0x3400, 0xA000), range(0xAC00, 0xD7A4), range(0x20000, 0x33480))


def _fold_char(char: str) -> int:
    category = unicodedata.category(char)
    if category == "Lo" and unicodedata.is_normalized("NFKD", char) and char not in _SAME_LETTER:
        return ord(char)  # most letters; decided early, for every process that starts makes the table
    if category in _NO_WORD:
        return SEPARATOR
    if category in ("Mn", "Mc"):
        spells = unicodedata.combining(char) in _SPELLING_MARKS and ord(char) not in _INVISIBLE_MARKS
        return ord(char) if spells and char not in _SKIPPED else SKIP
    if category in ("Cf", "Me") or char in _SKIPPED:
        return SKIP
    if category == "Nd":
        return ord("0") + unicodedata.digit(char)
    lower = unicodedata.normalize("NFKC", char).lower()
    if char in _AM:
        return ord(char)
    if lower[0] in " \u0640" and all(unicodedata.combining(c) in _HARAKAT for c in lower[1:]):  # presentation forms
        return SKIP
    if any(ord(lower[0]) in block for block in _WHOLE):
        return ord(lower[0])
    base = unicodedata.normalize("NFD", _SAME_LETTER.get(lower[0], lower[0]))[0]
    base = _SAME_LETTER.get(base, base)
    # NFKC of a spacing accent starts with a blank; such a character writes no word.
    return ord(base) if base.isalnum() else SEPARATOR


@functools.cache
def fold_table() -> npt.NDArray[np.uint32]:
    """uint32 [0x110000]: the folded code point of each code point, or SEPARATOR (0) or SKIP (1). Read-only."""
    table = np.zeros(sys.maxunicode + 1, np.uint32)
    for block in _WHOLE[1:]:  # ideographs and syllables are their own fold
        table[block.start : block.stop] = np.arange(block.start, block.stop, dtype=np.uint32)
    for low, high in ((0, 0x3400), (0xA000, 0xAC00), (0xD7B0, 0xD800), (0xF900, 0x20000), (0xE0000, 0xE0200)):
        table[low:high] = [_fold_char(chr(cp)) for cp in range(low, high)]
    table.flags.writeable = False
    return table


def fold(text: str) -> str:
    """The folded text, as the kernels see it: one blank for each run of separators, none at the ends.

    >>> fold("إقرأ أيضاً:") == fold("اقرأ أيضًا") == fold("اقرا  ايضا")
    True
    >>> fold("«می‌گوید ۱۲۳»") == fold("ميگويد 123")
    True
    >>> fold("Élysée—FRANCE 24")
    'elysee france 24'
    """
    folded = fold_table()[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)]
    folded[folded == SEPARATOR] = ord(" ")
    return " ".join(folded[folded != SKIP].tobytes().decode("utf-32-le").split())
