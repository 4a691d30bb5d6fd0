"""Loops that look at the shape of a page: measure its standing lines, find its main block, walk the scorer's trees.

Owns: the columns of the shape table. Must not know: what is removed, or why; the words of a line; the language.

A line is *prose* if it is long, or of some length and ends a sentence. Prose has a *mass*, its capped length; the *main block*
is the run of lines with the largest sum of mass less a toll for every other line (a maximum-sum run, as in Kadane's
algorithm and in the maximum subsequence segmentation of Pasternack and Roth, WWW 2009).
"""

from __future__ import annotations

import numpy as np
from numba import float32, int64, njit, uint32, uint64

from newsclean.kernels import decode, is_unspaced
from newsclean.kernels.words import SEED, mix
from newsclean.lines import (
    B0,
    B1,
    COLON,
    COMMA,
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
FAR_SCORE = -4.0
SETTLED = 2.5  # log odds after two fifths of the trees that the others would not turn
DEPTH = 6  # of every tree

COLUMNS = (
    "size", "word", "digits", "stops", "sentence", "ends", "copies",
    "above1", "above1_ends", "above2", "above2_ends", "below1", "below1_ends", "below2", "below2_ends",
    "mass_above3", "mass_above8", "mass_above20", "mass_below3", "mass_below8", "mass_below20",
    "short_above5", "short_below5", "dates_around4", "copies_around5", "mean_around5",
    "gap_above", "gap_below", "prose_above", "prose_below",
    "segment", "segment_above", "segment_below", "segment_rank",
    "inside", "to_block", "block", "block_density", "block_done",
    "share_above", "share_below", "place", "lines_above", "lines_below", "lines", "mass", "prose_share",
    "known", "known_long", "common", "commas", "capitals",
    "segments_above", "dates_around12", "copies_around12",
    "earlier", "foreign", "begins",
    "gone_above", "gone_below", "since_gone", "until_gone",
    "talk_above", "links_above", "closing_above", "heading_above", "other_above",
    "talk_below", "links_below", "closing_below", "heading_below", "other_below",
)  # fmt: skip

PAGE_COLUMNS = (
    "short_lines", "short_share", "longest_run", "lead", "trail", "short_size", "tiny_share",
    "low_mean", "low_share", "lows", "sure", "high_mean", "sure_share",
    "lows_above", "lows_below",
)  # fmt: skip
GROUPS = 5  # of the classes of lines that rules took
LISTED = 45  # mean SIZE of short lines from which a text that opens with its story is a press review or a table
SURE = -2.0  # a score below which a line is surely furniture
LEAST_SHORT, LEAST_RUN, LEAST_SHARE = 8, 5, 0.25  # below this a document is no page, whatever else it is
LEAST_STORY = 120  # mass below which what the scorer keeps is no story
BEFORE, AFTER, INSIDE = 1, 2, 3


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
def _words(data, fold, punct, line, hashes, long):  # type: ignore[no-untyped-def]
    """Hash the words of a line, in unspaced scripts the pairs of characters.

    Returns their number, and the numbers of commas, capitals and letters, and of those of the Latin script.
    """
    n, commas, capitals, letters, all_letters, latin = 0, 0, 0, 0, 0, 0
    i, end = line[B0], line[B1]
    h, inside, before = uint64(SEED), False, uint32(0)
    while True:
        if i < end:
            cp, i = decode(data, i)
            f = fold[cp]
            if f == 1:
                continue
            alone = is_unspaced(f)
        else:
            cp, f, alone = uint32(10), uint32(0), False
            i += 1
        if inside and (f == 0 or alone):
            hashes[n] = h | uint64(1)
            long[n] = letters >= 5
            n += 1
            h, inside = uint64(SEED), False
        if i > end:
            return n, commas, capitals, all_letters, latin
        if f == 0:
            commas += punct[cp] == COMMA
            before = uint32(0)
            continue
        all_letters += 1
        latin += f < 0x250
        if alone:
            if before:
                hashes[n] = mix(mix(uint64(SEED), before), f) | uint64(1)
                long[n] = True
                n += 1
            before = f
        else:
            if not inside:
                capitals += 65 <= cp <= 90 or 0xC0 <= cp <= 0xDE or 0x391 <= cp <= 0x3A9 or 0x400 <= cp <= 0x42F
                letters, inside, before = 0, True, uint32(0)
            letters += 1
            h = mix(h, f)


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
            out[k, 58 + side] = last
            out[k, 60 + side] = min(since, 99)
            for group in range(GROUPS):
                out[k, 62 + GROUPS * side + group] = min(counts[group + 1], 20)
            since += 1
            at += 1 if side == 0 else -1


@njit(nogil=True, cache=True)
def read_words(data, fold, punct, lines, order, n, mass, b0, b1, out):  # type: ignore[no-untyped-def]
    """The columns that need the words: what a line shares with the main block."""
    most, total = 1, 1
    for k in range(n):
        most = max(most, lines[order[k], B1] - lines[order[k], B0] + 1)
        if b0 <= k < b1 and mass[k] > 0:
            total += lines[order[k], WORDS] + 1
    hashes, long = np.empty(most, np.uint64), np.empty(most, np.bool_)
    size = 64
    while size < 2 * total:
        size *= 2
    mask = uint64(size - 1)
    keys, counts, last = np.zeros(size, np.uint64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    block_letters, block_latin = 1, 0
    for k in range(b0, b1):
        if mass[k] == 0:
            continue
        found, _, _, letters, latin = _words(data, fold, punct, lines[order[k]], hashes, long)
        block_letters, block_latin = block_letters + letters, block_latin + latin
        for w in range(found):
            slot = (hashes[w] ^ (hashes[w] >> uint64(31))) & mask
            while keys[slot] != 0 and keys[slot] != hashes[w]:
                slot = (slot + uint64(1)) & mask
            keys[slot] = hashes[w]
            if last[slot] != k + 1:  # lines that hold the word
                counts[slot] += 1
                last[slot] = k + 1
    for k in range(n):
        if is_far(out[k]):
            continue
        found, commas, capitals, letters, latin = _words(data, fold, punct, lines[order[k]], hashes, long)
        own = b0 <= k < b1 and mass[k] > 0
        known, known_long, longs, common = 0, 0, 0, 0
        for w in range(found):
            slot = (hashes[w] ^ (hashes[w] >> uint64(31))) & mask
            while keys[slot] != 0 and keys[slot] != hashes[w]:
                slot = (slot + uint64(1)) & mask
            count = counts[slot] - own if keys[slot] != 0 else 0
            known += count > 0
            longs += long[w]
            known_long += long[w] and count > 0
            common += count >= 3
        row = out[k]
        row[47] = known / found if found else -1
        row[48] = known_long / longs if longs else -1
        row[49] = common / found if found else -1
        row[50] = commas / (row[0] + 20) * 100
        row[51] = capitals / found if found else -1
        row[56] = abs(latin / letters - block_latin / block_letters) if letters else -1
        row[57] = _begins(data, punct, lines[order[k]])


@njit(nogil=True, cache=True)
def measure(data, fold, punct, lines, order, n, groups, start, stop, out):  # type: ignore[no-untyped-def]
    """Fill the shape table of one document, the lines [start, stop).

    lines: the line table; order: int64 [>= n], rows of its n standing lines; groups: int8 [lines], what rules took.
    out: float32 [>= n, len(COLUMNS)].
    """
    mass = np.zeros(n + 1, np.float32)
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
        row[52] = bigs[s_above] if s_above >= 0 else 0
        row[53] = dates[min(k + 13, n)] - dates[max(k - 12, 0)]
        row[54] = doubles[min(k + 13, n)] - doubles[max(k - 12, 0)]
        row[55] = min(earlier[k], 3)
        if mass[k] > 0:
            above = k
    _told(groups, order, n, start, stop, out)
    read_words(data, fold, punct, lines, order, n, mass, b0, b1, out)


@njit(nogil=True, cache=True)
def may_be_page(lines, order, n, page):  # type: ignore[no-untyped-def]
    """A cheap test that most clean documents fail. Fills the columns of the gate that need no scores."""
    short, run, longest, lead, trail, size, tiny = 0, 0, 0, -1, 0, 0, 0
    for k in range(n):
        line = lines[order[k]]
        prose = mass_of(line) > 0
        trail = 0 if prose else trail + 1
        if prose and lead < 0:
            lead = k
        if prose or line[LAST] == STOP:
            run = 0
            continue
        short, run, size = short + 1, run + 1, size + line[SIZE]
        tiny += line[SIZE] <= 20
        longest = max(longest, run)
    page[0], page[1], page[2] = np.log(short + 1.0), short / max(n, 1), np.log(longest + 1.0)
    page[3], page[4] = min(lead if lead >= 0 else n, 10), min(trail, 10)
    page[5], page[6] = min(size / max(short, 1), 80.0), tiny / max(short, 1)
    return short >= LEAST_SHORT and longest >= LEAST_RUN and short >= LEAST_SHARE * n


@njit(nogil=True, cache=True)
def sum_up(scores, order, n, page):  # type: ignore[no-untyped-def]
    """Fill the columns of the gate that sum up the scores of a document."""
    low, high, sure, lows, top, bottom = 0.0, 0.0, 0, 0, n, n - 1
    for k in range(n):
        score = scores[order[k]]
        if score < 0:
            low, lows = low + score, lows + 1
        else:
            high += score
            top, bottom = min(top, k), k
        sure += score < SURE
    page[7], page[8], page[9] = low / max(lows, 1), lows / max(n, 1), min(lows, 100)
    page[10], page[11], page[12] = min(sure, 100), high / max(n - lows, 1), sure / max(n, 1)
    page[13], page[14] = min(top, 10), min(n - 1 - bottom, 10)


@njit(nogil=True, cache=True)
def _standing(stands, start, stop, order):  # type: ignore[no-untyped-def]
    n = 0
    for at in range(start, stop):
        if stands[at]:
            order[n] = at
            n += 1
    return n


@njit(nogil=True, cache=True)
def measure_lines(data, fold, punct, lines, first, stands, groups, out):  # type: ignore[no-untyped-def]
    """The shape tables of all documents, for training.

    stands: bool [lines]; groups: int8 [lines], as `decide` takes them; out: float32 [lines, len(COLUMNS)].
    """
    order, table = np.empty(lines.shape[0], np.int64), np.empty(out.shape, np.float32)
    for d in range(first.shape[0] - 1):
        n = _standing(stands, first[d], first[d + 1], order)
        measure(data, fold, punct, lines, order, n, groups, first[d], first[d + 1], table)
        for k in range(n):
            out[order[k]] = table[k]


@njit(nogil=True, cache=True)
def measure_pages(lines, first, stands, scores, out):  # type: ignore[no-untyped-def]
    """The gate's columns of all documents, for training. out: float64 [documents, len(PAGE_COLUMNS)]. Returns `may_be_page`."""
    order = np.empty(lines.shape[0], np.int64)
    may = np.zeros(first.shape[0] - 1, np.bool_)
    for d in range(first.shape[0] - 1):
        n = _standing(stands, first[d], first[d + 1], order)
        may[d] = may_be_page(lines, order, n, out[d])
        sum_up(scores, order, n, out[d])
    return may


@njit(nogil=True, cache=True)
def _walk(table, seen, m, trees, first, stop, sums):  # type: ignore[no-untyped-def]
    """Add the leaves of the trees [first, stop) to the sums of the m lines in `seen`.

    Every line goes down every tree to the bottom, without a branch, so that the walks of several lines overlap in the
    processor.
    """
    columns, bounds, leaves = trees
    inner = np.uintp(columns.shape[1])
    for start in range(0, m, 64):
        for t in range(first, stop):
            column, bound, leaf = columns[t], bounds[t], leaves[t]
            for j in range(start, min(start + 64, m)):
                row, node = table[seen[j]], np.uintp(0)
                for _ in range(DEPTH):
                    node = np.uintp(2) * node + np.uintp(1) + np.uintp(row[column[node]] > bound[node])
                sums[seen[j]] += leaf[node - inner]


@njit(nogil=True, cache=True)
def score_lines(table, n, trees, seen, sums):  # type: ignore[no-untyped-def]
    """The log odds of n lines, the sums of the trees' leaves, into sums float32 [>= n]. seen: int64 [>= n], room.

    trees: (columns uint8 [trees, 2^DEPTH - 1], bounds float32 likewise, leaves float32 [trees, 2^DEPTH]); the children of
    node i are 2i + 1 and 2i + 2. A line that the first trees agree on needs no others.
    """
    m = 0
    for k in range(n):
        far = is_far(table[k])
        sums[k] = FAR_SCORE if far else 0
        if not far:
            seen[m] = k
            m += 1
    trees_in_all = trees[0].shape[0]
    some = trees_in_all * 2 // 5
    _walk(table, seen, m, trees, 0, some, sums)
    left = 0
    for j in range(m):
        if abs(sums[seen[j]]) < SETTLED:
            seen[left] = seen[j]
            left += 1
    _walk(table, seen, left, trees, some, trees_in_all, sums)


@njit(nogil=True, cache=True)
def decide(data, fold, punct, lines, first, stands, groups, gate, trees, scores, region, no_story):  # type: ignore[no-untyped-def]
    """Decide every document, round after round until a round removes nothing.

    stands: bool [lines], the lines to decide; those that go are unset. groups: int8 [lines], 1 to GROUPS for what rules took,
    else 0. They are unset after the first round: the last must know no more than another call on what is left.
    gate: float64 [len(PAGE_COLUMNS) + 1], weights and bias. trees: as `score_lines` takes them.
    Filled: scores float32 [lines]; region int8 [lines], where a line goes; no_story bool [documents].
    """
    longest = 1
    for d in range(first.shape[0] - 1):
        longest = max(longest, first[d + 1] - first[d])
    order, seen = np.empty(longest, np.int64), np.empty(longest, np.int64)
    table, sums = np.empty((longest, len(COLUMNS)), np.float32), np.empty(longest, np.float32)
    page = np.empty(len(PAGE_COLUMNS), np.float64)
    for d in range(first.shape[0] - 1):
        start, stop = first[d], first[d + 1]
        more = stop - start >= LEAST_SHORT
        while more:
            n = _standing(stands, start, stop, order)
            if not may_be_page(lines, order, n, page):
                break
            measure(data, fold, punct, lines, order, n, groups, start, stop, table)
            score_lines(table, n, trees, seen, sums)
            for k in range(n):
                scores[order[k]] = sums[k]
            more, no_story[d] = _decide_page(lines, order, n, gate, page, scores, stands, region)
            if groups[start:stop].any():
                groups[start:stop] = 0
                more = True


@njit(nogil=True, cache=True)
def _decide_page(lines, order, n, gate, page, scores, stands, region):  # type: ignore[no-untyped-def]
    """Remove the lines of a page that score below zero. Returns whether any went, and whether the page holds no story."""
    sum_up(scores, order, n, page)
    verdict = gate[page.shape[0]]
    for c in range(page.shape[0]):
        verdict += gate[c] * page[c]
    if verdict < 0 or (page[5] > LISTED and page[13] == 0):
        return False, False
    top, bottom, mass = n, -1, float32(0)
    for k in range(n):
        if scores[order[k]] >= 0:
            top, bottom, mass = min(top, k), k, mass + mass_of(lines[order[k]])
    if mass < LEAST_STORY:
        return False, True
    return n > _remove(order, n, top, bottom, scores, stands, region), False


@njit(nogil=True, cache=True)
def _remove(order, n, top, bottom, scores, stands, region):  # type: ignore[no-untyped-def]
    """Remove the lines with a score below zero; returns how many stay."""
    left = 0
    for k in range(n):
        at = order[k]
        if scores[at] >= 0:
            left += 1
            continue
        stands[at] = False
        region[at] = BEFORE if k < top else (AFTER if k > bottom else INSIDE)
    return left
