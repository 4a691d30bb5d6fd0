"""Loops over words: hash them, look them up, count those of a language.

Owns: the hash of a word and the table that maps such hashes to numbers. Must not know: what the words stand for.

Word hashes are 64 bits wide: two different words of a billion meet with a chance of 3 %, and a wrong look-up would need
one of them to be in the table.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint32, uint64

from newsclean.kernels import decode, is_unspaced
from newsclean.lines import B0, B1, LAST, STOP

SEED = 0xCBF29CE484222325
_WORD_MIX = 0x9E3779B97F4A7C15
LINE_MIX = 0xFF51AFD7ED558CCD


@njit(nogil=True, cache=True, inline="always")
def mix(h, folded):
    h = (h ^ uint64(folded)) * uint64(_WORD_MIX)
    return h ^ (h >> uint64(29))


@njit(nogil=True, cache=True)
def word_hashes(data, offsets, fold):
    """The hash of every word of every text, in one array, and how many each text has."""
    hashes = np.empty(data.shape[0] + 1, np.uint64)
    counts = np.zeros(offsets.shape[0] - 1, np.int64)
    n = 0
    for d in range(offsets.shape[0] - 1):
        begin = n
        i, end, h, inside = offsets[d], offsets[d + 1], uint64(SEED), False
        while i < end:
            cp, i = decode(data, i)
            f = fold[cp]
            if f == 1:
                continue
            alone = is_unspaced(f)
            if inside and (f == 0 or alone):
                hashes[n] = h
                n += 1
                h, inside = uint64(SEED), False
            if alone:
                hashes[n] = mix(uint64(SEED), f)
                n += 1
            elif f != 0:
                h, inside = mix(h, f), True
        if inside:
            hashes[n] = h
            n += 1
        counts[d] = n - begin
    return hashes[:n].copy(), counts


@njit(nogil=True, cache=True, inline="always")
def probe(keys, values, key):
    """The value of a key in an open-addressing table of 2**k slots, -1 where it is not. Key 0 marks an empty slot."""
    mask = uint64(keys.shape[0] - 1)
    slot = (key ^ (key >> uint64(31))) & mask
    while keys[slot] != 0:
        if keys[slot] == key:
            return values[slot]
        slot = (slot + uint64(1)) & mask
    return int64(-1)


@njit(nogil=True, cache=True)
def _in_language(keys, masks, h, bits):
    found = probe(keys, masks, h | uint64(1))
    return found > 0 and (found & bits) != 0


@njit(nogil=True, cache=True)
def fill_table(keys, values, new_keys, new_values):
    """Insert distinct non-zero keys into an empty table of `probe`; at most half of it may fill."""
    mask = uint64(keys.shape[0] - 1)
    for n in range(new_keys.shape[0]):
        key = new_keys[n]
        slot = (key ^ (key >> uint64(31))) & mask
        while keys[slot] != 0:
            slot = (slot + uint64(1)) & mask
        keys[slot], values[slot] = key, new_values[n]


@njit(nogil=True, cache=True, inline="always")
def edge_key(node, h):
    """The table key of the edge from a trie node along a word; never 0."""
    key = (h ^ (uint64(node) * uint64(LINE_MIX))) * uint64(_WORD_MIX)
    return key | uint64(1)


@njit(nogil=True, cache=True)
def edge_keys(nodes, hashes):
    keys = np.empty(nodes.shape[0], np.uint64)
    for n in range(nodes.shape[0]):
        keys[n] = edge_key(nodes[n], hashes[n])
    return keys


@njit(nogil=True, cache=True)
def language_votes(data, offsets, fold, keys, rows, first, members, votes):
    """Add up, for each document, the function words of each language that occur in a sample of it.

    keys, rows: a table of `probe` from word hash to n; `members[first[n]:first[n + 1]]` are the languages that the word
    belongs to, among which its one vote is shared. votes: float64 [documents, languages + 1]; the last column counts the
    words of the sample, which is the whole text up to 1 KB, else eight windows of 128 bytes.
    """
    for d in range(offsets.shape[0] - 1):
        length = offsets[d + 1] - offsets[d]
        windows = 1 if length <= 1024 else 8
        span = length if windows == 1 else 128
        for w in range(windows):
            i = offsets[d] + (length - span) * w // max(1, windows - 1)
            end = i + span
            while i < end and (data[i] & 0xC0) == 0x80:
                i += 1
            h, inside = uint64(SEED), False
            while i < end:
                if i + 4 > end and data[i] >= 0x80 and windows > 1:  # the window may end inside a character
                    break
                cp, i = decode(data, i)
                f = fold[cp]
                if f == 1:
                    continue
                alone = is_unspaced(f)
                if inside and (f == 0 or alone):
                    _vote(keys, rows, first, members, h, votes[d])
                    h, inside = uint64(SEED), False
                if alone:
                    _vote(keys, rows, first, members, mix(uint64(SEED), f), votes[d])
                elif f != 0:
                    h, inside = mix(h, f), True
            if inside and windows == 1:
                _vote(keys, rows, first, members, h, votes[d])


@njit(nogil=True, cache=True)
def _vote(keys, rows, first, members, h, votes):
    votes[votes.shape[0] - 1] += 1
    row = probe(keys, rows, h | uint64(1))
    if row >= 0:
        for n in range(first[row], first[row + 1]):
            votes[members[n]] += 1.0 / (first[row + 1] - first[row])


@njit(nogil=True, cache=True)
def date_lines(data, lines, rows, bits, fold, keys, masks, found):
    """Mark the lines made only of numbers and date words, with a date or time in them.

    Numbers are days, months, hours and years: one or two digits, or four. Without a date word there must be a year and two
    signs that join numbers (1/2/2024). A line that ends in a full stop is the last of a sentence, wrapped, unless it ends in
    a letter (a.m.) or has no words (2024. 3. 5.).
    rows: int64 [n], rows of the line table; bits: int64 [n], the languages whose date words count; keys, masks: a table
    of `probe` from word hash to languages. found: bool [n].
    """
    for n in range(rows.shape[0]):
        line = lines[rows[n]]
        i, end = line[B0], line[B1]
        numbers, years, names, joints, strange = 0, 0, 0, 0, False
        value, digits, letters = 0, 0, 0
        h, inside, number, joined, after_number = uint64(SEED), False, False, False, False
        while i <= end and not strange:
            if i < end:
                cp, i = decode(data, i)
                f = fold[cp]
                if f == 1:
                    continue
            else:
                cp, f, i = uint32(0), uint32(0), i + 1
            alone = is_unspaced(f)
            if inside and (f == 0 or alone):
                if number:
                    numbers += 1
                    years += digits == 4 and 1300 <= value < 2200
                    strange = digits == 3 or digits > 4
                    joints += joined and after_number
                elif _in_language(keys, masks, h, bits[n]):
                    names += 1
                else:
                    strange = True
                after_number, joined = number, False
                h, inside = uint64(SEED), False
            if alone:
                if _in_language(keys, masks, mix(uint64(SEED), f), bits[n]):
                    names += 1
                else:
                    strange = True
                after_number = False
            elif f != 0:
                is_digit = 48 <= f <= 57
                if not inside:
                    number, value, digits, letters = is_digit, 0, 0, 0
                if is_digit and digits < 6:
                    value, digits = value * 10 + int64(f) - 48, digits + 1
                letters += 1
                h, inside = mix(h, f), True
            elif cp == 0x2F or cp == 0x3A or cp == 0x2D or cp == 0x2E:  # / : - . between two numbers
                joined = True
        dated = (years > 0 and joints >= 2) or (names > 0 and (numbers > 1 or joints > 0))
        wrapped = line[LAST] == STOP and names > 0 and (number or letters > 1)
        found[n] = dated and not strange and not wrapped


@njit(nogil=True, cache=True)
def find_symbols(data, begins, symbols, lengths):
    """Where short byte strings occur: int64 [n, 2] of (byte, number of the string), in order.

    begins: bool [256], the bytes that strings begin with; symbols: uint8 [strings, longest]; lengths: int64 [strings].
    """
    found = np.empty((1024, 2), np.int64)
    n = 0
    for i in range(data.shape[0]):
        if not begins[data[i]]:
            continue
        for s in range(lengths.shape[0]):
            length = lengths[s]
            if i + length > data.shape[0]:
                continue
            same = 0
            while same < length and data[i + same] == symbols[s, same]:
                same += 1
            if same == length:
                if n == found.shape[0]:
                    found = np.concatenate((found, np.empty_like(found)))
                found[n, 0], found[n, 1] = i, s
                n += 1
    return found[:n]
