"""The loops that take one string out of each of many JSON lines, as UTF-8.

Owns: where a member's string begins and ends, the escapes of JSON, what counts as UTF-8. Must not know: what else a line
holds, or whether that is JSON: `found` tells which lines must be left to a JSON parser.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint8

from newsclean.kernels import copy
from newsclean.kernels.quote import BACKSLASH, QUOTE, plain_until

_ESCAPED = np.zeros(256, np.uint8)
_ESCAPED[np.frombuffer(b'"\\/bfnrt', np.uint8)] = np.frombuffer(b'"\\/\b\f\n\r\t', np.uint8)

PADDING = 3
"""Zero bytes before the first string, so that every byte has three before it."""


@njit(nogil=True, cache=True)
def unquote(data, lines, key, out, found, offsets):
    """Write the string that each JSON object holds under `key`, unescaped, to `out`.

    lines: int64 [n, 2], where each begins and ends in data. out: uint8, room for data and PADDING zeros, which it begins with.
    found: int64 [n, 2], the bytes of data between the quotes; -1 where there is no such string, or more than one, or it isn't
    UTF-8, or half a surrogate. offsets: int64 [n + 1]; string i is out[offsets[i] : offsets[i + 1]].
    """
    offsets[0] = at = PADDING
    for n in range(lines.shape[0]):
        i, end = lines[n, 0], lines[n, 1]
        start, stop, written = _find(data, i, end, key, out, at)
        if start >= 0 and not _is_utf8(out, at, written):
            start = stop = -1
        if start >= 0:
            at = written
        found[n, 0], found[n, 1] = start, stop
        offsets[n + 1] = at


@njit(nogil=True, cache=True)
def _find(data, i, end, key, out, at):
    """Where the string under `key` begins and ends, and how far `out` is written then; -1 where that can't be told."""
    i = _skip_blanks(data, i, end)
    if i == end or data[i] != 123:
        return -1, -1, at
    start, stop = -1, -1
    depth, names = 1, True  # whether the next string of depth 1 is a name
    i += 1
    while i < end and depth:
        c = data[i]
        i += 1
        if c == QUOTE:
            closed, escaped = _skip_string(data, i, end)
            if closed < 0:
                return -1, -1, at
            if depth == 1 and names:
                if escaped:  # it may spell the key
                    return -1, -1, at
                if _equal(data, i, closed, key):
                    i = _skip_blanks(data, closed + 1, end)
                    if start >= 0 or i == end or data[i] != 58:
                        return -1, -1, at
                    i = _skip_blanks(data, i + 1, end)
                    if i == end or data[i] != QUOTE:
                        return -1, -1, at
                    start = i + 1
                    closed, at = _copy_string(data, start, end, out, at)
                    if closed < 0:
                        return -1, -1, at
                    stop = closed
                names = False
            i = closed + 1
        elif c == 123 or c == 91:
            depth += 1
        elif c == 125 or c == 93:
            depth -= 1
        elif c == 44:
            names = True
    return start, stop, at


@njit(nogil=True, cache=True)
def _skip_blanks(data, i, end):
    while i < end and (data[i] == 32 or data[i] == 9 or data[i] == 13):
        i += 1
    return i


@njit(nogil=True, cache=True)
def _skip_string(data, i, end):
    """Where the string ends whose first byte is at i, -1 for nowhere, and whether it holds an escape."""
    escaped = False
    while i < end and data[i] != QUOTE:
        if data[i] == BACKSLASH:
            escaped = True
            i += 1
        i += 1
    return (i if i < end else -1), escaped


@njit(nogil=True, cache=True)
def _equal(data, start, stop, key):
    if stop - start != key.size:
        return False
    same = True
    for k in range(key.size):
        same = same and data[start + k] == key[k]
    return same


@njit(nogil=True, cache=True)
def _copy_string(data, i, end, out, at):
    """Unescape a string to out[at:]; where it ends in data (-1 if it is none) and in out."""
    while True:
        j = plain_until(data, i, end)
        at = copy(data, i, j, out, at)
        if j == end or data[j] < 32:
            return -1, at
        if data[j] == QUOTE:
            return j, at
        if j + 1 == end:
            return -1, at
        if data[j + 1] == 117:
            i, at = _copy_code_point(data, j, end, out, at)
            if i < 0:
                return -1, at
        else:
            out[at] = _ESCAPED[data[j + 1]]
            if not out[at]:
                return -1, at
            at += 1
            i = j + 2


@njit(nogil=True, cache=True)
def _copy_code_point(data, i, end, out, at):
    """The same for the escape at i, such as `\\u00e9`, or for two that make a pair; what follows it, and the end in out."""
    cp = _hex(data, i + 2, end)
    i += 6
    if 0xD800 <= cp < 0xDC00 and i + 1 < end and data[i] == BACKSLASH and data[i + 1] == 117:
        low = _hex(data, i + 2, end)
        i += 6
        cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00) if 0xDC00 <= low < 0xE000 else -1
    if cp < 0 or 0xD800 <= cp < 0xE000:
        return -1, at
    if cp < 0x80:
        out[at] = cp
        return i, at + 1
    if cp < 0x800:
        out[at], out[at + 1] = 0xC0 | cp >> 6, 0x80 | cp & 0x3F
        return i, at + 2
    if cp < 0x10000:
        out[at], out[at + 1], out[at + 2] = 0xE0 | cp >> 12, 0x80 | cp >> 6 & 0x3F, 0x80 | cp & 0x3F
        return i, at + 3
    out[at], out[at + 1] = 0xF0 | cp >> 18, 0x80 | cp >> 12 & 0x3F
    out[at + 2], out[at + 3] = 0x80 | cp >> 6 & 0x3F, 0x80 | cp & 0x3F
    return i, at + 4


@njit(nogil=True, cache=True)
def _hex(data, i, end):
    """Four hexadecimal digits as a number; -1 for anything else."""
    if i + 4 > end:
        return -1
    number = 0
    for k in range(i, i + 4):
        c = data[k]
        if 48 <= c <= 57:
            number = number << 4 | c - 48
        elif 97 <= (c | 32) <= 102:
            number = number << 4 | (c | 32) - 87
        else:
            return -1
    return number


@njit(nogil=True, cache=True)
def _is_utf8(data, start, end):
    if start == end:
        return True
    if data[end - 1] >= 0xC0 or data[max(end - 2, 0)] >= 0xE0 or data[max(end - 3, 0)] >= 0xF0:
        return False  # it ends within a character
    return _fits(data[start - 3 : end - 3], data[start - 2 : end - 2], data[start - 1 : end - 1], data[start:end])


@njit(nogil=True, cache=True)
def _fits(bytes3, bytes2, bytes1, bytes0):
    """Whether each byte may follow the three before it in UTF-8; branch-free, as `kernels.suspects._is_clear`."""
    bad = False
    for j in range(bytes0.size):
        a, b, p, c = bytes3[j], bytes2[j], bytes1[j], bytes0[j]
        due = (p >= uint8(0xC0)) | (b >= uint8(0xE0)) | (a >= uint8(0xF0))
        bad = bad | (((c & uint8(0xC0)) == uint8(0x80)) != due)
        bad = bad | (c == uint8(0xC0)) | (c == uint8(0xC1)) | (c >= uint8(0xF5))
        bad = bad | ((p == uint8(0xE0)) & (c < uint8(0xA0))) | ((p == uint8(0xED)) & (c >= uint8(0xA0)))
        bad = bad | ((p == uint8(0xF0)) & (c < uint8(0x90))) | ((p == uint8(0xF4)) & (c >= uint8(0x90)))
    return not bad
