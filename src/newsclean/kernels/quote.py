"""The loop that writes texts as JSON strings.

Owns: the escapes of JSON, as orjson chooses them. Must not know: what the strings stand for.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint8, uint64

from newsclean.kernels import copy

QUOTE, BACKSLASH = 34, 92
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_SHORT = np.zeros(256, np.uint8)
_SHORT[[ord(c) for c in '"\\\b\f\n\r\t']] = np.frombuffer(b'"\\bfnrt', np.uint8)
_SPECIAL = np.zeros(256, np.bool_)  # bytes that don't stand for themselves in a string
_SPECIAL[:32] = _SPECIAL[[QUOTE, BACKSLASH]] = True
_STEP = 64  # bytes

LONGEST = 6
"""Bytes that one byte of a text can become."""


@njit(nogil=True, cache=True)
def quote(data, offsets, out, bounds):
    """Write each text in quotes to `out`, where it ends before bounds[i + 1].

    out: uint8, with room for the quotes and `LONGEST` bytes for each byte of data. bounds: int64 [texts + 1], the first one 0.
    """
    at = 0
    for i in range(offsets.size - 1):
        j, end = offsets[i], offsets[i + 1]
        out[at] = QUOTE
        at += 1
        while j < end:
            stop = plain_until(data, j, end)
            at = copy(data, j, stop, out, at)
            if stop < end:
                at = _escape(data[stop], out, at)
            j = stop + 1
        out[at] = QUOTE
        at += 1
        bounds[i + 1] = at


@njit(nogil=True, cache=True)
def plain_until(data, i, end):
    """The first byte from i on that does not stand for itself in a JSON string, or `end`."""
    while i + _STEP <= end and _is_plain(data, i):
        i += _STEP
    while i < end and not _SPECIAL[data[i]]:
        i += 1
    return i


@njit(nogil=True, cache=True)
def _is_plain(data, i):
    """Whether the next `_STEP` bytes all stand for themselves.

    Branch-free, as `kernels.suspects._is_clear`; an index without sign is not tested for being negative, which would keep the
    loop from being vectorised.
    """
    bad, start = False, uint64(i)
    for k in range(_STEP):
        c = data[start + uint64(k)]
        bad = bad | (c < uint8(32)) | (c == uint8(QUOTE)) | (c == uint8(BACKSLASH))
    return not bad


@njit(nogil=True, cache=True)
def _escape(c, out, at):
    """Write the escape of one byte at out[at]; where the next one goes."""
    out[at] = BACKSLASH
    if _SHORT[c]:
        out[at + 1] = _SHORT[c]
        return at + 2
    out[at + 1] = 117
    out[at + 2] = 48
    out[at + 3] = 48
    out[at + 4] = _HEX[c >> 4]
    out[at + 5] = _HEX[c & 15]
    return at + 6
