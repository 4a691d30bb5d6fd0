"""The loop that finds documents with something to repair.

Owns: the test of `newsclean.text.repair` on UTF-8 columns. Must not know: how a text is repaired.
"""

from __future__ import annotations

from numba import njit

from newsclean.kernels import decode


@njit(nogil=True, cache=True)
def _is_symbol(cp):
    """Whether cp is what a UTF-8 continuation byte becomes when read as Latin-1 or Windows-1252."""
    if cp <= 0xBF:
        return cp >= 0x80
    if cp < 0x2000:
        return cp in (0x152, 0x153, 0x160, 0x161, 0x178, 0x17D, 0x17E, 0x192, 0x2C6, 0x2DC)
    return 0x2013 <= cp <= 0x203A or cp == 0x20AC or cp == 0x2122


@njit(nogil=True, cache=True)
def _is_entity(data, i, end):
    """Whether an HTML entity may begin with the ampersand at byte i."""
    j = i + 1
    if j < end and data[j] == 35:
        j += 1
    start = j
    while (
        j < end
        and j - start < 125
        and (data[j] >= 0x80 or 48 <= data[j] <= 57 or 65 <= (data[j] & 0xDF) <= 90 or data[j] == 95)
    ):
        j += 1
    return j < end and data[j] == 59 and j - start >= 2


@njit(nogil=True, cache=True)
def suspects(data, offsets, found):
    """Mark the documents that hold something to repair (see `newsclean.text.repair`). found: bool [documents]."""
    for d in range(offsets.shape[0] - 1):
        i, end = offsets[d], offsets[d + 1]
        while i < end:
            c = data[i]
            bad = False
            if c < 0x80:
                bad = (c < 32 and (c < 9 or c > 13)) or c == 127 or (c == 38 and _is_entity(data, i, end))
                i += 1
            elif c == 0xC2:
                bad = data[i + 1] < 0xA0
                i += 2
            elif c == 0xC3:
                if 0x82 <= data[i + 1] <= 0xB4 and i + 2 < end and data[i + 2] >= 0xC2:
                    cp, _ = decode(data, i + 2)
                    bad = _is_symbol(cp)
                i += 2
            elif c < 0xE0:
                i += 2
            elif c < 0xF0:
                bad = (c == 0xED and data[i + 1] >= 0xA0) or (c == 0xEF and data[i + 1] == 0xBB and data[i + 2] == 0xBF)
                i += 3
            else:
                i += 4
            if bad:
                found[d] = True
                break
