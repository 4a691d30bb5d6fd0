"""Texts to MinHash signatures, and signatures to the pairs that share a band key.

Owns: how a text becomes a sequence of 32-bit token hashes, and how those become shingles and signatures. Must not know:
thresholds, relations, documents. Every function is compiled; arrays in, arrays out.

A token is a word, or one character of a script written without spaces; with `characters` every letter is a token (for
text whose words are broken). A shingle is WORDS consecutive tokens, or CHARACTERS where its first token is a character.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint32, uint64

import newsclean.kernels  # noqa: F401 - it chooses numba's cache folder

WORDS, CHARACTERS = 3, 5
# The token table: low 21 bits the folded code point (0 separates, 1 is skipped), above them what the character is.
CODE = 0x1FFFFF
BREAKS = 1 << 31  # of everything but the letters of spaced scripts
NUMERAL = 1 << 29  # of tokens, set by who knows number words
UPPER, DIGIT, UNSPACED, QUOTED, STARTS = (
    1 << 24,
    1 << 25,
    1 << 26,
    1 << 27,
    1 << 28,
)  # of letters; the last two of tokens
NEWLINE, HYPHEN, OPENS, CLOSES, ENDS = 1 << 24, 1 << 25, 1 << 26, 1 << 27, 1 << 28  # of separators

_WORD_STEP = np.uint64(0x9E3779B97F4A7C15)
_FINISH = np.uint64(0xFF51AFD7ED558CCD)
_PLACES = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1], np.uint32)  # odd, from xxHash
_EMPTY = np.uint32(0xFFFFFFFF)


@njit(nogil=True, cache=True)
def _mix(h):  # type: ignore[no-untyped-def]
    h = (h ^ (h >> uint64(32))) * _FINISH
    return h ^ (h >> uint64(29))


@njit(nogil=True, cache=True)
def _entry(data, i, table):  # type: ignore[no-untyped-def]
    """The table entry of the code point at byte i, and the byte after it.

    The same as `decode`, over an unsigned position: numba then leaves out its test for negative indices (1.3x).
    """
    c = uint32(data[i])
    if c < uint32(0x80):
        return table[c], i + uint64(1)
    c1 = uint32(data[i + uint64(1)]) & uint32(0x3F)
    if c < uint32(0xE0):
        return table[((c & uint32(0x1F)) << uint32(6)) | c1], i + uint64(2)
    c2 = uint32(data[i + uint64(2)]) & uint32(0x3F)
    if c < uint32(0xF0):
        return table[((c & uint32(0x0F)) << uint32(12)) | (c1 << uint32(6)) | c2], i + uint64(3)
    c3 = uint32(data[i + uint64(3)]) & uint32(0x3F)
    cp = ((c & uint32(7)) << uint32(18)) | (c1 << uint32(12)) | (c2 << uint32(6)) | c3
    return table[cp], i + uint64(4)


@njit(nogil=True, cache=True)
def _rejoin(data, i, end, table):  # type: ignore[no-untyped-def]
    """Where the second half of a word broken by a hyphen begins, if a line break and a letter follow at i; else i."""
    j = i
    while j < end and (data[j] == 32 or data[j] == 13):
        j += uint64(1)
    if j + uint64(1) < end and data[j] == 10:
        entry, _ = _entry(data, j + uint64(1), table)
        if not entry & uint32(BREAKS | DIGIT):
            return j + uint64(1)
    return i


@njit(nogil=True, cache=True)
def tokens(data, start, end, table, characters, hashes, kinds, places=None, letters=None):  # type: ignore[no-untyped-def]
    """Token hashes and kinds of the text data[start:end], written to the heads of `hashes` and `kinds` (uint32).

    Both need (end - start) // 2 + 1 places, or end - start with `characters`. places (int64, as long): the byte at
    which each token begins; letters (uint64, as long): which letters each token has, by the last six bits of their code points.
    Without them numba leaves that out. Returns the number of tokens and of words mended at a line break.
    """
    i, stop = uint64(start), uint64(end)
    count, mended, quoted, starts = uint64(0), 0, uint32(0), uint32(STARTS)
    always = uint32(UNSPACED if characters else 0)
    while i < stop:
        begin = i
        entry, i = _entry(data, i, table)
        code = entry & uint32(CODE)
        if code == 0:
            starts |= entry & uint32(ENDS)  # the same bit as STARTS
            if entry & uint32(OPENS | CLOSES | NEWLINE):
                either = entry & uint32(OPENS) and entry & uint32(CLOSES)
                quoted = uint32(QUOTED) if entry & uint32(OPENS) and not (either and quoted) else uint32(0)
            continue
        if code == 1:
            continue
        h, first = uint64(code) * _WORD_STEP, entry | always | quoted | starts
        starts = uint32(0)
        has = uint64(1) << uint64(code & uint32(63))
        while i < stop and not first & uint32(UNSPACED):
            entry, after = _entry(data, i, table)
            if not entry & uint32(BREAKS):
                h = (h + uint64(entry & uint32(CODE))) * _WORD_STEP
                if letters is not None:
                    has |= uint64(1) << uint64(entry & uint32(63))
                i = after
            elif entry & uint32(CODE) == 1:
                i = after
            elif entry & uint32(HYPHEN) and not entry & uint32(CODE) and not first & uint32(DIGIT):
                i = _rejoin(data, after, stop, table)
                if i == after:
                    break
                mended += 1
            else:
                if not entry & uint32(CODE | OPENS | CLOSES | NEWLINE | ENDS):
                    i = after  # a blank needs no second look
                break
        if h == uint64(code) * _WORD_STEP:
            first &= ~uint32(UPPER)  # an initial is no name
        hashes[count], kinds[count] = uint32(_mix(h)), first
        if places is not None:
            places[count] = int64(begin)
        if letters is not None:
            letters[count] = has
        count += uint64(1)
    return int64(count), mended


@njit(nogil=True, cache=True)
def shingles(hashes, kinds, count, out):  # type: ignore[no-untyped-def]
    """32-bit shingle hashes of the first `count` tokens, to `out` (uint32, `count` places); returns how many.

    A text with too few tokens for one shingle gets a single one of all its tokens, salted by their number.
    """
    size = CHARACTERS if count and kinds[0] & uint32(UNSPACED) else WORDS
    if count < size:
        x = uint32(count) * uint32(0x2C1B3C6D)
        for q in range(count):
            x += hashes[q] * _PLACES[q]
        if count:
            out[0] = x
        return min(count, 1)
    made = count - WORDS + 1
    p0, p1, p2 = _PLACES[0], _PLACES[1], _PLACES[2]
    unspaced = uint32(0)
    for s in range(made):
        out[s] = hashes[s] * p0 + hashes[s + 1] * p1 + hashes[s + 2] * p2
        unspaced |= kinds[s]
    if unspaced & uint32(UNSPACED):
        made = min(made, count - CHARACTERS + 1) if size == CHARACTERS else made
        for s in range(made):
            if kinds[s] & uint32(UNSPACED):
                for q in range(WORDS, min(CHARACTERS, count - s)):
                    out[s] += hashes[s + q] * _PLACES[q]
    return made


@njit(nogil=True, cache=True)
def _minima(values, low, high, a, b, signature):  # type: ignore[no-untyped-def]
    """Lower `signature` by the permutations of values[low:high], four at a time to load and store it less often."""
    last = high - 1
    for s in range(low, high, 4):
        v0, v1, v2, v3 = values[s], values[min(s + 1, last)], values[min(s + 2, last)], values[min(s + 3, last)]
        for k in range(signature.shape[0]):
            y0, y1 = uint32(a[k] * v0 + b[k]), uint32(a[k] * v1 + b[k])
            y2, y3 = uint32(a[k] * v2 + b[k]), uint32(a[k] * v3 + b[k])
            signature[k] = min(min(min(y0, y1), min(y2, y3)), signature[k])


@njit(nogil=True, cache=True)
def _premix(values, count):  # type: ignore[no-untyped-def]
    """The MurmurHash3 finaliser, with which datasketch's affine schemes begin."""
    for s in range(count):
        v = values[s]
        v = uint32((v ^ (v >> uint32(16))) * uint32(0x85EBCA6B))  # numba widens products to 64 bits
        v = uint32((v ^ (v >> uint32(13))) * uint32(0xC2B2AE35))
        values[s] = v ^ (v >> uint32(16))


@njit(nogil=True, cache=True)
def _digest(data, start, end, hashes, count):  # type: ignore[no-untyped-def]
    """64 bits of the folded words; of the bytes where there are none."""
    h = uint64(count)
    if count:
        for q in range(count):
            h = (h ^ uint64(hashes[q])) * _WORD_STEP
            h ^= h >> uint64(29)
    else:
        for i in range(start, end):
            h = h * _WORD_STEP + uint64(data[i]) + uint64(1)
    return _mix(h)


@njit(nogil=True, cache=True)
def sign(data, offsets, table, a, b, lead_words, broken_rate, full, lead, words, digest, broken):  # type: ignore[no-untyped-def]
    """Sign every text of a column.

    a, b: uint32 [permutations]; full, lead: uint32 [texts, permutations] (out); words: int32 (out); digest: uint64
    (out); broken: bool (out), words mended at line breaks are more than `broken_rate` of all. `lead` is of the first
    `lead_words` tokens, or, where broken, of the characters of the whole text.
    """
    longest = 0
    for d in range(offsets.shape[0] - 1):
        longest = max(longest, offsets[d + 1] - offsets[d])
    hashes, kinds = np.empty(longest + 1, np.uint32), np.empty(longest + 1, np.uint32)
    values = np.empty(longest + 1, np.uint32)
    for d in range(offsets.shape[0] - 1):
        start, end = offsets[d], offsets[d + 1]
        count, mended = tokens(data, start, end, table, False, hashes, kinds)
        words[d], digest[d] = count, _digest(data, start, end, hashes, count)
        broken[d] = mended > broken_rate * count
        made = shingles(hashes, kinds, count, values)
        _premix(values, made)
        full[d, :] = _EMPTY
        opening = max(min(made, lead_words - WORDS + 1), 0)
        _minima(values, 0, opening, a, b, full[d])
        for k in range(a.shape[0]):  # numba compiles a row's assignment for seven seconds
            lead[d, k] = full[d, k]
        _minima(values, opening, made, a, b, full[d])
        if broken[d]:
            count, mended = tokens(data, start, end, table, True, hashes, kinds)
            made = shingles(hashes, kinds, count, values)
            _premix(values, made)
            lead[d, :] = _EMPTY
            _minima(values, 0, made, a, b, lead[d])


@njit(nogil=True, cache=True)
def mix(values, first, last, keys):  # type: ignore[no-untyped-def]
    """Fill uint64 [n] with 64 bits of the values first to last of each signature."""
    for d in range(values.shape[0]):
        key = uint64(0)
        for k in range(first, last):
            key = (key ^ uint64(values[d, k])) * uint64(0x9E3779B97F4A7C15)
            key ^= key >> uint64(29)
        keys[d] = key


@njit(nogil=True, cache=True)
def agree_in(a, b, least):  # type: ignore[no-untyped-def]
    """Whether two signatures agree in `least` values; copies do so in the first line of the cache."""
    same, k = 0, 0
    while k < a.shape[0] and same < least:
        for q in range(k, min(k + 16, a.shape[0])):
            same += a[q] == b[q]
        k += 16
    return same >= least


@njit(nogil=True, cache=True)
def bucket_pairs(entries, bits, rows, times, window, cap, sketches, agree, out):  # type: ignore[no-untyped-def]
    """Pairs of documents that share a band key, to `out` (int64 [places, 2]); returns how many there are.

    entries: uint64, sorted: a key and, in its low `bits`, a place in the order of time; rows, times: the document at each
    place, and when it is from. Buckets above `cap` give star edges (to the document that opened the window), so a million
    copies cost a million pairs. Pairs whose sketches agree in fewer than `agree` values met by accident and are left out.
    Where `out` is too short the count still comes back: call again with more room.
    """
    n, found, low = entries.shape[0], 0, 0
    shift, mask = np.uint64(bits), (np.uint64(1) << np.uint64(bits)) - np.uint64(1)
    while low < n:
        high, key = low + 1, entries[low] >> shift
        while high < n and entries[high] >> shift == key:
            high += 1
        hot, head = high - low > cap, low
        for p in range(low + 1, high):
            at = np.int64(entries[p] & mask)
            if times[at] - times[np.int64(entries[head] & mask)] > window:  # False where a date is missing (NaN)
                head = p
            q = head if hot and head < p else p - 1
            while q >= low:
                other = np.int64(entries[q] & mask)
                if times[at] - times[other] > window:
                    break
                i, j = min(rows[at], rows[other]), max(rows[at], rows[other])
                if agree_in(sketches[i], sketches[j], agree):
                    if found < out.shape[0]:
                        out[found, 0], out[found, 1] = i, j
                    found += 1
                q = low - 1 if hot else q - 1
        low = high
    return found


@njit(nogil=True, cache=True)
def first_from(values, wanted, low=0):  # type: ignore[no-untyped-def]
    """The place, from `low` on, of the first of the sorted values not below `wanted`; np.searchsorted compiles slowly."""
    high = values.shape[0]
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
