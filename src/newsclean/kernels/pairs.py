"""Pairs of texts compared on their exact shingle sets, and matching pairs to clusters.

Owns: set comparison by merging sorted arrays. Must not know: thresholds, relations, documents. Every function is
compiled; arrays in, arrays out.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint32, uint64

from newsclean.kernels.differences import buckets_of, facts, mark_numerals
from newsclean.kernels.minhash import CHARACTERS, QUOTED, STARTS, UNSPACED, WORDS, first_from, shingles, tokens

_CROWDED = 24  # entries of a bucket above which it is sorted as numba sorts


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
def _sort(values, ends, out):  # type: ignore[no-untyped-def]
    """Shingles (uint32) with their positions, value << 32 | position, sorted, to `out`; ends: int32, twice as many places and 2.

    Shingles are hashes, spread evenly: as many buckets as there are shingles hold one or two each. A tenth of the time of
    a sort for 160,000, a half for 400.
    """
    n, bits = values.shape[0], 1
    while 1 << bits < n:
        bits += 1
    shift, buckets = uint32(32 - bits), 1 << bits
    ends[: buckets + 1] = 0
    for p in range(n):
        ends[int64(values[p] >> shift) + 1] += 1
    for b in range(buckets):
        ends[b + 1] += ends[b]
    for p in range(n):
        b = int64(values[p] >> shift)
        out[ends[b]] = (uint64(values[p]) << uint64(32)) | uint64(p)
        ends[b] += 1
    low = 0
    for b in range(buckets):
        high = ends[b]
        if high - low > _CROWDED:
            out[low:high].sort()
        else:
            for p in range(low + 1, high):
                value, q = out[p], p
                while q > low and out[q - 1] > value:
                    out[q] = out[q - 1]
                    q -= 1
                out[q] = value
        low = high


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
    values, ends, buckets = np.empty(1, np.uint32), np.empty(4, np.int32), buckets_of(numerals)
    at = 0
    for d in range(offsets.shape[0] - 1):
        places[d] = at
        count, _ = tokens(
            data, offsets[d], offsets[d + 1], table, characters, hashes[at:], kinds[at:], None, letters[at:]
        )
        if furniture.shape[0]:
            count = _drop(hashes[at:], kinds[at:], letters[at:], count, sources[d], furniture, share, least)
        mark_numerals(hashes[at:], kinds[at:], count, numerals, buckets)
        if count > values.shape[0]:
            values, ends = np.empty(2 * count, np.uint32), np.empty(4 * count + 2, np.int32)
        made[d] = shingles(hashes[at:], kinds[at:], count, values)
        _sort(values[: made[d]], ends, sets[at:])
        at += count
    places[offsets.shape[0] - 1] = at
    return made


@njit(nogil=True, cache=True)
def _cover(kinds, base, covered):  # type: ignore[no-untyped-def]
    """From 1 where a shared shingle begins to 1 for each token that stands in one."""
    until = 0
    for q in range(covered.shape[0]):
        if covered[q]:
            until = max(until, q + (CHARACTERS if kinds[base + q] & uint32(UNSPACED) else WORDS))
        covered[q] = q < until


@njit(nogil=True, cache=True)
def overlap(a, b, places, made, kinds, sets, covered_a, covered_b):  # type: ignore[no-untyped-def]
    """Compare the shingle sets of texts a and b by merging; returns how many distinct shingles each has and they share.

    covered_a, covered_b: uint8, zeros, with a place for each token (out): 1 where the token stands in a shared shingle.
    """
    i, end_a, j, end_b = places[a], places[a] + made[a], places[b], places[b] + made[b]
    distinct_a, distinct_b, shared = 0, 0, 0
    while i < end_a or j < end_b:
        va = sets[i] >> uint64(32) if i < end_a else uint64(1) << uint64(40)
        vb = sets[j] >> uint64(32) if j < end_b else uint64(1) << uint64(40)
        v = min(va, vb)
        distinct_a += va == v
        distinct_b += vb == v
        shared += va == vb
        while i < end_a and sets[i] >> uint64(32) == v:
            covered_a[sets[i] & uint64(0xFFFFFFFF)] = va == vb
            i += 1
        while j < end_b and sets[j] >> uint64(32) == v:
            covered_b[sets[j] & uint64(0xFFFFFFFF)] = va == vb
            j += 1
    _cover(kinds, places[a], covered_a)
    _cover(kinds, places[b], covered_b)
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
def compare(pairs, places, made, hashes, kinds, letters, sets, least, enough, short, dense, figures, differences):  # type: ignore[no-untyped-def]
    """Figures of each pair of texts of a column that `cut` has cut.

    pairs: int64 [pairs, 2]; figures: float64 [pairs, 6] (out): Jaccard, containment, share of the shorter text's tokens
    in shared shingles, how many these are outside quotes, tokens of the shorter text, 1 if the first is the longer;
    differences: int64 [pairs, 6] (out), `facts` of pairs that share at least so much of the shorter, of those that share
    enough where they may be templates only; short, dense: see there.
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
            facts(a, b, places, hashes, kinds, letters, short, dense, figures[p, 2] >= enough, differences[p])


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
