"""The loop that finds documents with something to repair.

Owns: the test of `newsclean.text.repair` on UTF-8 columns. Must not know: how a text is repaired.
"""

from __future__ import annotations

from numba import njit, uint8

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
def _is_clear(bytes0, bytes1, bytes2):
    """Whether no byte, with the two behind it, can be what `_needs_repair` looks for: 32 bytes a step, being branch-free.

    The operands are bool and uint8 throughout: one wider number in the chain and nothing is vectorised (an eighth of the speed).
    """
    bad = False
    for j in range(bytes0.size):
        c, n, m = bytes0[j], bytes1[j], bytes2[j]
        bad = bad | ((c < uint8(32)) & ((c < uint8(9)) | (c > uint8(13)))) | (c == uint8(127)) | (c == uint8(38))
        bad = bad | ((c == uint8(0xC2)) & (n < uint8(0xA0))) | ((c == uint8(0xED)) & (n >= uint8(0xA0)))
        bad = bad | ((c == uint8(0xC3)) & (n >= uint8(0x82)) & (n <= uint8(0xB4)) & (m >= uint8(0xC2)))
        bad = bad | ((c == uint8(0xEF)) & (n == uint8(0xBB)) & (m == uint8(0xBF)))
    return not bad


@njit(nogil=True, cache=True)
def _needs_repair(data, i, end):
    while i < end:
        c = data[i]
        if c < 0x80:
            if (c < 32 and (c < 9 or c > 13)) or c == 127 or (c == 38 and _is_entity(data, i, end)):
                return True
            i += 1
        elif c < 0xE0:
            if c == 0xC2 and data[i + 1] < 0xA0:
                return True
            if c == 0xC3 and 0x82 <= data[i + 1] <= 0xB4 and i + 2 < end and data[i + 2] >= 0xC2:
                cp, _ = decode(data, i + 2)
                if _is_symbol(cp):
                    return True
            i += 2
        elif c < 0xF0:
            if (c == 0xED and data[i + 1] >= 0xA0) or (c == 0xEF and data[i + 1] == 0xBB and data[i + 2] == 0xBF):
                return True
            i += 3
        else:
            i += 4
    return False


@njit(nogil=True, cache=True)
def suspects(data, offsets, found):
    """Mark the documents that hold something to repair (see `newsclean.text.repair`). found: bool [documents]."""
    for d in range(offsets.shape[0] - 1):
        start, end = offsets[d], offsets[d + 1]
        inside = end + 2 <= data.shape[0]
        if not (inside and _is_clear(data[start:end], data[start + 1 : end + 1], data[start + 2 : end + 2])):
            found[d] = _needs_repair(data, start, end)
