"""Loops over words: hash them, look them up, count those of a language.

Owns: the hash of a word and the table that maps such hashes to numbers. Must not know: what the words stand for.

Word hashes are 64 bits wide: two different words of a billion meet with a chance of 3 %, and a wrong look-up would need
one of them to be in the table.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint64

from newsclean.kernels import decode, is_unspaced

SEED = 0xCBF29CE484222325
_WORD_MIX = 0x9E3779B97F4A7C15
LINE_MIX = 0xFF51AFD7ED558CCD
_LEAD, _SHARE = 5.0, 0.15  # votes, and share of the words, from which half a sample tells the language


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
def language_votes(data, offsets, rows, fold, words, votes):
    """Add up, for each document of `rows`, the function words of each language that occur in a sample of it.

    words: (keys, places, first, members), a table of `probe` from word hash to n; `members[first[n]:first[n + 1]]` are the
    languages that the word belongs to, among which its one vote is shared. votes: float64 [rows, languages + 1]; the last
    column counts the words of the sample, which is the whole text up to 1 KB, else eight windows of 128 bytes: two or four of
    them where these tell clearly.
    """
    for n in range(rows.shape[0]):
        d, mine = rows[n], votes[n]
        length = offsets[d + 1] - offsets[d]
        windows = 1 if length <= 1024 else 8
        span = length if windows == 1 else 128
        for step in range(windows):
            if (step == 2 or step == 4) and _is_clear(mine):
                break
            w = (step & 1) << 2 | (step & 2) | step >> 2  # 0 4 2 6 1 5 3 7
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
                    _vote(words, h, mine)
                    h, inside = uint64(SEED), False
                if alone:
                    _vote(words, mix(uint64(SEED), f), mine)
                elif f != 0:
                    h, inside = mix(h, f), True
            if inside and windows == 1:
                _vote(words, h, mine)


@njit(nogil=True, cache=True)
def _is_clear(votes):
    """Whether one language is far ahead of the others, and its function words are as many as in its prose."""
    best, second = 0.0, 0.0
    for n in range(votes.shape[0] - 1):
        best, second = max(best, votes[n]), max(second, min(best, votes[n]))
    return best - second >= _LEAD and best >= _SHARE * votes[votes.shape[0] - 1]


@njit(nogil=True, cache=True)
def _vote(words, h, votes):
    keys, places, first, members = words
    votes[votes.shape[0] - 1] += 1
    row = probe(keys, places, h | uint64(1))
    if row >= 0:
        for n in range(first[row], first[row + 1]):
            votes[members[n]] += 1.0 / (first[row + 1] - first[row])
