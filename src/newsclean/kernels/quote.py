"""The loop that writes texts as JSON strings.

Owns: the escapes of JSON, as orjson chooses them. Must not know: what the strings stand for.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_SHORT = np.zeros(256, np.uint8)
_SHORT[[ord(c) for c in '"\\\b\f\n\r\t']] = np.frombuffer(b'"\\bfnrt', np.uint8)

LONGEST = 6
"""Bytes that one byte of a text can become."""


def escaped(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Where the bytes are that a JSON string cannot hold as they are."""
    return np.flatnonzero((data < 32) | (data == ord('"')) | (data == ord("\\")))


@njit(nogil=True, cache=True)
def quote(data, offsets, places, out, bounds):
    """Write each text in quotes to `out`, which must have room; text i ends before bounds[i + 1]. places: of `escaped`."""
    at = p = 0
    for i in range(offsets.size - 1):
        out[at] = 34
        at += 1
        j, end = offsets[i], offsets[i + 1]
        while j < end:
            stop = places[p] if p < places.size and places[p] < end else end
            out[at : at + stop - j] = data[j:stop]
            at += stop - j
            if stop < end:
                at = _escape(data[stop], out, at)
                p += 1
            j = stop + 1
        out[at] = 34
        at += 1
        bounds[i + 1] = at


@njit(nogil=True, cache=True)
def _escape(c, out, at):
    """Write the escape of one byte at out[at]; where the next one goes."""
    out[at] = 92
    if _SHORT[c]:
        out[at + 1] = _SHORT[c]
        return at + 2
    out[at + 1] = 117
    out[at + 2] = 48
    out[at + 3] = 48
    out[at + 4] = _HEX[c >> 4]
    out[at + 5] = _HEX[c & 15]
    return at + 6
