"""Loops that measure the standing lines of a page: each by itself, by its neighbours, by where it lies to the main block.

Owns: the columns of the shape table. Must not know: the words of a line (that is `context`), scores, what is removed.

A line is *prose* if it is long, or of some length and ends a sentence. Prose has a *mass*, its capped length; the *main block*
is the run of lines with the largest sum of mass less a toll for every other line (a maximum-sum run, as in Kadane's
algorithm and in the maximum subsequence segmentation of Pasternack and Roth, WWW 2009).
"""

from __future__ import annotations

import numpy as np
from numba import float32, int64, njit

from newsclean.kernels import decode
from newsclean.lines import (
    B0,
    COLON,
    DIGITS,
    ELLIPSIS,
    F0,
    F1,
    HASH,
    LAST,
    QUESTION,
    SIZE,
    STOP,
    STOPS,
    WORDS,
)  # fmt: skip

SENTENCE = 45  # SIZE from which a line that ends a sentence is prose
PARAGRAPH = 150  # SIZE from which a line is prose however it ends
MOST = 360  # SIZE beyond which length says nothing more
TOLL = 28  # what a line that is no prose costs a run
BREAK = 4  # this many lines in a row without prose part two segments
BIG = 240  # mass from which a segment may be a story
FAR, LABEL = 8, 30  # a line of at most LABEL with this many lines without prose above and below is furniture, unseen

COLUMNS = (
    "size", "word", "digits", "stops", "sentence", "ends", "copies",
    "above1", "above1_ends", "above2", "above2_ends", "below1", "below1_ends", "below2", "below2_ends",
    "mass_above3", "mass_above8", "mass_above20", "mass_below3", "mass_below8", "mass_below20",
    "short_above5", "short_below5", "dates_around4", "copies_around5", "mean_around5",
    "gap_above", "gap_below", "prose_above", "prose_below",
    "segment", "segment_above", "segment_below", "segment_rank",
    "inside", "to_block", "block", "block_density", "block_done",
    "share_above", "share_below", "place", "lines_above", "lines_below", "lines", "mass", "prose_share",
    "segments_above", "dates_around12", "copies_around12", "earlier", "begins",
    "gone_above", "gone_below", "since_gone", "until_gone",
    "talk_above", "links_above", "closing_above", "heading_above", "other_above",
    "talk_below", "links_below", "closing_below", "heading_below", "other_below",
)  # fmt: skip
GROUPS = 5  # of the classes of lines that rules took


@njit(nogil=True, cache=True)
def _ends(line):  # type: ignore[no-untyped-def]
    last = line[LAST]
    return last == STOP or last == QUESTION or last == ELLIPSIS


@njit(nogil=True, cache=True)
def _ending(line):  # type: ignore[no-untyped-def]
    last = line[LAST]
    if last == STOP or last == QUESTION:
        return 2 if last == STOP else 3
    return 1 if last == ELLIPSIS else (-1 if last == COLON else 0)


@njit(nogil=True, cache=True)
def size_of(line):  # type: ignore[no-untyped-def]
    """SIZE, but words of few characters (Hangul syllables) count four and a half each: they say as much as longer ones."""
    if line[SIZE] > line[F1] - line[F0]:  # an unspaced script: SIZE has made up for it
        return line[SIZE]
    return max(line[SIZE], min(9 * line[WORDS] // 2, 9 * line[SIZE] // 5))


@njit(nogil=True, cache=True)
def mass_of(line):  # type: ignore[no-untyped-def]
    """The mass of a line; 0 for a line that is no prose."""
    size = size_of(line)
    if size >= SENTENCE and (line[LAST] == STOP or line[LAST] == QUESTION):
        return float32(min(size, MOST))
    if size >= PARAGRAPH or (size >= 80 and line[STOPS] >= 1):
        return float32(0.6) * float32(min(size, MOST))
    return float32(0)


@njit(nogil=True, cache=True)
def is_far(row):  # type: ignore[no-untyped-def]
    """Whether a line is a label far from all prose: half the lines of a page, and less than one in a thousand is story."""
    return row[0] <= LABEL and row[26] >= FAR and row[27] >= FAR


@njit(nogil=True, cache=True)
def main_block(mass, n):  # type: ignore[no-untyped-def]
    """The run [start, stop) of lines with the largest mass less tolls; its sum is returned too."""
    best, best0, best1, here, here0 = float32(0), 0, 0, float32(0), 0
    for k in range(n):
        if here <= 0:
            here, here0 = float32(0), k
        here += mass[k] if mass[k] > 0 else float32(-TOLL)
        if here > best:
            best, best0, best1 = here, here0, k + 1
    return best0, best1, best


@njit(nogil=True, cache=True)
def _copies(lines, order, n, copies, earlier, slots):  # type: ignore[no-untyped-def]
    """How often each line stands in the document, itself included, and how often above."""
    size = 16
    while size < 2 * n:
        size *= 2
    mask = size - 1
    slots[:size] = -1
    first = np.empty(n, np.int64)
    for k in range(n):
        h = lines[order[k], HASH]
        slot = (h ^ (h >> 32)) & mask
        while slots[slot] >= 0 and lines[order[slots[slot]], HASH] != h:
            slot = (slot + 1) & mask
        if slots[slot] < 0:
            slots[slot] = k
            copies[k] = 0
        first[k] = slots[slot]
        earlier[k] = copies[first[k]]
        copies[first[k]] += 1
    for k in range(n):
        copies[k] = copies[first[k]]


@njit(nogil=True, cache=True)
def _begins(data, punct, line):  # type: ignore[no-untyped-def]
    """What a line opens with: 0 a letter, 1 a digit, 2 a small Latin letter, 3 and up punctuation of a class."""
    cp, _ = decode(data, line[B0])
    if 48 <= cp <= 57:
        return 1
    if 97 <= cp <= 122:
        return 2
    return 2 + int64(punct[cp]) if punct[cp] else 0


@njit(nogil=True, cache=True)
def _told(groups, order, n, start, stop, out):  # type: ignore[no-untyped-def]
    """The columns of what rules took around each line. groups: int8 [lines], 0 where nothing was taken."""
    for side in range(2):
        counts = np.zeros(GROUPS + 1, np.int64)
        last, since, at = 0, 99, start if side == 0 else stop - 1
        for j in range(n):
            k = j if side == 0 else n - 1 - j
            while at != order[k]:
                group = groups[at]
                if group:
                    last, since = group, 0
                    counts[group] += 1
                at += 1 if side == 0 else -1
            out[k, 52 + side] = last
            out[k, 54 + side] = min(since, 99)
            for group in range(GROUPS):
                out[k, 56 + GROUPS * side + group] = min(counts[group + 1], 20)
            since += 1
            at += 1 if side == 0 else -1


@njit(nogil=True, cache=True)
def measure(data, punct, lines, order, n, groups, start, stop, mass, out):  # type: ignore[no-untyped-def]
    """Fill the shape table of one document, the lines [start, stop).

    lines: the line table; order: int64 [>= n], rows of its n standing lines; groups: int8 [lines], what rules took.
    Filled: mass float32 [>= n]; out float32 [>= n, >= len(COLUMNS)].
    """
    copies, earlier = np.empty(n, np.int64), np.empty(n, np.int64)
    slots = np.empty(max(32, 4 * n), np.int64)
    _copies(lines, order, n, copies, earlier, slots)
    # Prefix sums: of mass, and the numbers of short, date-like and doubled lines, and of capped size.
    sums = np.zeros(n + 1, np.float32)
    shorts, dates = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    doubles, sizes = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    for k in range(n):
        line = lines[order[k]]
        mass[k] = mass_of(line)
        sums[k + 1] = sums[k] + mass[k]
        shorts[k + 1] = shorts[k] + (mass[k] == 0)
        dates[k + 1] = dates[k] + (line[DIGITS] > 0 and line[SIZE] <= 40)
        doubles[k + 1] = doubles[k] + (copies[k] > 1)
        sizes[k + 1] = sizes[k] + min(size_of(line), MOST)
    b0, b1, strength = main_block(mass, n)
    total = max(sums[n], float32(1))
    segment = np.full(n, -1, np.int64)
    seg_mass = np.zeros(n + 1, np.float32)
    n_seg, gap = 0, BREAK
    for k in range(n):
        if mass[k] > 0:
            if gap >= BREAK:
                n_seg += 1
            gap = 0
            segment[k] = n_seg - 1
            seg_mass[n_seg - 1] += mass[k]
        else:
            gap += 1
    most, big = float32(1), 0
    bigs = np.zeros(n + 1, np.int64)  # big segments up to each
    for s in range(n_seg):
        most = max(most, seg_mass[s])
        big += seg_mass[s] >= BIG
        bigs[s] = big
    below = np.full(n + 1, n, np.int64)  # the next prose line from k on
    for k in range(n - 1, -1, -1):
        below[k] = k if mass[k] > 0 else below[k + 1]
    above = -1
    for k in range(n):
        line, row = lines[order[k]], out[k]
        size = size_of(line)
        row[0] = min(size, 800)
        row[1] = size / max(line[WORDS], 1)
        row[2] = line[DIGITS] / max(size, 1)
        row[3] = min(line[STOPS], 30)
        row[4] = min(size, 800) / (line[STOPS] + 1)
        row[5] = _ending(line)
        row[6] = min(copies[k], 6)
        for j in range(4):
            at = (k - 1, k - 2, k + 1, k + 2)[j]
            row[7 + 2 * j] = min(size_of(lines[order[at]]), 400) if 0 <= at < n else -1
            row[8 + 2 * j] = _ends(lines[order[at]]) if 0 <= at < n else -1
        for j in range(3):
            w = (3, 8, 20)[j]
            row[15 + j] = sums[k] - sums[max(k - w, 0)]
            row[18 + j] = sums[min(k + 1 + w, n)] - sums[k + 1]
        lo, hi = max(k - 5, 0), min(k + 6, n)
        row[21] = shorts[k] - shorts[lo]
        row[22] = shorts[hi] - shorts[k + 1]
        row[23] = dates[min(k + 5, n)] - dates[max(k - 4, 0)]
        row[24] = doubles[hi] - doubles[lo]
        row[25] = (sizes[hi] - sizes[lo]) / (hi - lo)
        under = below[k + 1]
        row[26] = min(k - above - 1, 60) if above >= 0 else 99
        row[27] = min(under - k - 1, 60) if under < n else 99
        row[28] = mass[above] if above >= 0 else 0
        row[29] = mass[under] if under < n else 0
        s_above = segment[above] if above >= 0 else -1
        s_below = segment[under] if under < n else -1
        own = segment[k]
        row[30] = seg_mass[own] if own >= 0 else (seg_mass[s_above] if s_above >= 0 and s_above == s_below else -1)
        row[31] = seg_mass[s_above] if s_above >= 0 else 0
        row[32] = seg_mass[s_below] if s_below >= 0 else 0
        row[33] = max(row[30], max(row[31], row[32])) / most
        row[34] = b0 <= k < b1
        row[35] = max(k - b0, -60) if k < b0 else (min(k - b1 + 1, 60) if k >= b1 else 0)
        row[36] = strength
        row[37] = strength / max(b1 - b0, 1)
        row[38] = (sums[min(max(k, b0), b1)] - sums[b0]) / max(sums[b1] - sums[b0], 1)
        row[39] = sums[k] / total
        row[40] = (sums[n] - sums[k + 1]) / total
        row[41] = k / n
        row[42] = min(k, 300)
        row[43] = min(n - k, 300)
        row[44] = min(n, 600)
        row[45] = min(sums[n], 30000)
        row[46] = sums[n] / max(sizes[n], 1)
        row[47] = bigs[s_above] if s_above >= 0 else 0
        row[48] = dates[min(k + 13, n)] - dates[max(k - 12, 0)]
        row[49] = doubles[min(k + 13, n)] - doubles[max(k - 12, 0)]
        row[50] = min(earlier[k], 3)
        row[51] = _begins(data, punct, line)
        if mass[k] > 0:
            above = k
    _told(groups, order, n, start, stop, out)
