"""Pairs of texts compared on their exact shingle sets, and matching pairs to clusters.

Owns: set comparison by merging sorted arrays. Must not know: thresholds, relations, documents. Every function is
compiled; arrays in, arrays out.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint32, uint64

from newsclean.kernels.differences import buckets_of, facts, mark_numerals
from newsclean.kernels.minhash import CHARACTERS, QUOTED, STARTS, UNSPACED, WORDS, first_from, shingles, tokens


@njit(nogil=True, cache=True)
def _sentence(hashes, kinds, low, high, source):  # type: ignore[no-untyped-def]
    """The hash of the sentence that starts at token low, as printed by `source`, and the token after it."""
    h, p = uint64(source), low
    while p < high and (p == low or not kinds[p] & uint32(STARTS)):
        h = (h ^ uint64(hashes[p])) * uint64(0x9E3779B97F4A7C15)
        h ^= h >> uint64(29)
        p += 1
    return h, p


@njit(nogil=True, cache=True)
def sentences(data, offsets, table, sources, hashes, kinds, out, owners):  # type: ignore[no-untyped-def]
    """The hashes of each text's sentences and lines, each once for a text, to `out` (uint64), and by whom each
    was printed, to `owners` (int64); returns how many.

    sources: int64 [texts]. hashes, kinds (uint32) need a place for each token of the longest text, the others one for
    each token of all.
    """
    made = 0
    for d in range(offsets.shape[0] - 1):
        count, _ = tokens(data, offsets[d], offsets[d + 1], table, False, hashes, kinds)
        first, p = made, 0
        while p < count:
            out[made], p = _sentence(hashes, kinds, p, count, sources[d])
            made += 1
        out[first:made].sort()
        last = first
        for q in range(first, made):
            if q == first or out[q] != out[q - 1]:
                out[last], owners[last] = out[q], sources[d]
                last += 1
        made = last
    return made


@njit(nogil=True, cache=True)
def _drop(hashes, kinds, letters, count, source, furniture, share, least):  # type: ignore[no-untyped-def]
    """Take the sentences in `furniture` (uint64, sorted) out of the first `count` tokens; returns how many are left.

    Nothing is taken if less than `share` of them, or fewer than `least`, would be left.
    """
    stays, left, p = np.ones(count, np.uint8), count, 0
    while p < count:
        h, after = _sentence(hashes, kinds, p, count, source)
        at = first_from(furniture, h)
        if at < furniture.shape[0] and furniture[at] == h:
            stays[p:after] = 0
            left -= after - p
        p = after
    if left < least or left < share * count:
        return count
    at = 0
    for p in range(count):
        if stays[p]:
            hashes[at], kinds[at], letters[at] = hashes[p], kinds[p], letters[p]
            at += 1
    return left


@njit(nogil=True, cache=True)
def cut(
    data, offsets, table, characters, sources, furniture, share, least, numerals, places, hashes, kinds, letters, sets
):  # type: ignore[no-untyped-def]
    """Tokens and shingle sets of a column, to flat arrays.

    sources, furniture, share, least: sentences to leave out, see `_drop`; numerals: see `mark_numerals`; places: int64
    [texts + 1] (out), where each text's tokens begin in hashes (uint32), kinds (uint32), letters (uint64, see `tokens`) and
    sets (uint64, out: shingle << 32 | token position, sorted; a text without a full shingle has one). Returns how many
    shingles each text has, int64 [texts].
    """
    made = np.empty(offsets.shape[0] - 1, np.int64)
    values, buckets = np.empty(hashes.shape[0], np.uint32), buckets_of(numerals)
    at = 0
    for d in range(offsets.shape[0] - 1):
        places[d] = at
        count, _ = tokens(
            data, offsets[d], offsets[d + 1], table, characters, hashes[at:], kinds[at:], None, letters[at:]
        )
        if furniture.shape[0]:
            count = _drop(hashes[at:], kinds[at:], letters[at:], count, sources[d], furniture, share, least)
        mark_numerals(hashes[at:], kinds[at:], count, numerals, buckets)
        made[d] = shingles(hashes[at:], kinds[at:], count, values)
        for s in range(made[d]):
            sets[at + s] = (uint64(values[s]) << uint64(32)) | uint64(s)
        sets[at : at + made[d]].sort()
        at += count
    places[offsets.shape[0] - 1] = at
    return made


@njit(nogil=True, cache=True)
def _mark(kinds, sets, low, high, base, covered):  # type: ignore[no-untyped-def]
    """Mark the tokens of the shingles sets[low:high] in `covered`."""
    for p in range(low, high):
        s = int64(sets[p] & uint64(0xFFFFFFFF))
        size = CHARACTERS if kinds[base + s] & uint32(UNSPACED) else WORDS
        for q in range(s, min(s + size, covered.shape[0])):
            covered[q] = 1


@njit(nogil=True, cache=True)
def overlap(a, b, places, made, kinds, sets, covered_a, covered_b):  # type: ignore[no-untyped-def]
    """Compare the shingle sets of texts a and b by merging; returns how many distinct shingles each has and they share.

    covered_a, covered_b: uint8 with a place for each token (out): 1 where the token stands in a shared shingle.
    """
    i, end_a, j, end_b = places[a], places[a] + made[a], places[b], places[b] + made[b]
    base_a, base_b = i, j
    distinct_a, distinct_b, shared = 0, 0, 0
    while i < end_a or j < end_b:
        va = sets[i] >> uint64(32) if i < end_a else uint64(1) << uint64(40)
        vb = sets[j] >> uint64(32) if j < end_b else uint64(1) << uint64(40)
        v = min(va, vb)
        next_i, next_j = i, j
        while next_i < end_a and sets[next_i] >> uint64(32) == v:
            next_i += 1
        while next_j < end_b and sets[next_j] >> uint64(32) == v:
            next_j += 1
        distinct_a += va == v
        distinct_b += vb == v
        if va == vb:
            shared += 1
            _mark(kinds, sets, i, next_i, base_a, covered_a)
            _mark(kinds, sets, j, next_j, base_b, covered_b)
        i, j = next_i, next_j
    return distinct_a, distinct_b, shared


@njit(nogil=True, cache=True)
def _count_marked(covered, kinds, base):  # type: ignore[no-untyped-def]
    """How many tokens are marked, and how many of these stand outside quotes."""
    inside, plain = 0, 0
    for q in range(covered.shape[0]):
        if covered[q]:
            inside += 1
            plain += not kinds[base + q] & uint32(QUOTED)
    return inside, plain


@njit(nogil=True, cache=True)
def compare(pairs, places, made, hashes, kinds, letters, sets, least, short, dense, figures, differences):  # type: ignore[no-untyped-def]
    """Figures of each pair of texts of a column that `cut` has cut.

    pairs: int64 [pairs, 2]; figures: float64 [pairs, 6] (out): Jaccard, containment, share of the shorter text's tokens
    in shared shingles, how many these are outside quotes, tokens of the shorter text, 1 if the first is the longer;
    differences: int64 [pairs, 6] (out), `facts` of pairs that share at least so much of the shorter; short, dense: see there.
    """
    longest = 0
    for d in range(made.shape[0]):
        longest = max(longest, places[d + 1] - places[d])
    covered = np.zeros((2, longest), np.uint8)
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        length_a, length_b = places[a + 1] - places[a], places[b + 1] - places[b]
        covered[0, :length_a] = 0
        covered[1, :length_b] = 0
        in_a, in_b, shared = overlap(a, b, places, made, kinds, sets, covered[0, :length_a], covered[1, :length_b])
        inside_a, plain_a = _count_marked(covered[0, :length_a], kinds, places[a])
        inside_b, plain_b = _count_marked(covered[1, :length_b], kinds, places[b])
        # Of two texts as long, the one more covered counts as the shorter: the figures must not depend on their order.
        a_shorter = length_a < length_b or (length_a == length_b and (inside_a, plain_a) > (inside_b, plain_b))
        inside, plain, shorter = (inside_a, plain_a, length_a) if a_shorter else (inside_b, plain_b, length_b)
        figures[p, 0] = shared / max(in_a + in_b - shared, 1)
        figures[p, 1] = shared / max(min(in_a, in_b), 1)
        figures[p, 2] = inside / max(shorter, 1)
        figures[p, 3] = plain
        figures[p, 4] = shorter
        figures[p, 5] = not a_shorter
        differences[p, :] = 0
        if figures[p, 2] >= least:
            facts(a, b, places, hashes, kinds, letters, short, dense, differences[p])


@njit(nogil=True, cache=True)
def assign(order, starts, neighbours):  # type: ignore[no-untyped-def]
    """Greedy stars: in `order`, a free row becomes a centre and takes its free neighbours; the centre of each row.

    order: int64 [n]; starts: int64 [n + 1], where each row's neighbours (int64) begin.
    """
    centre = np.full(order.shape[0], -1, np.int64)
    for row in order:
        if centre[row] < 0:
            centre[row] = row
            for p in range(starts[row], starts[row + 1]):
                if centre[neighbours[p]] < 0:
                    centre[neighbours[p]] = row
    return centre
