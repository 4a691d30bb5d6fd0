"""Loops that tell story from furniture by the shape of a page: the scorer's trees walked, its gate, what is removed.

Owns: the columns of the gate, and the order of what is decided. Must not know: how a line is measured (that is `features`,
and for another look `context`).
"""

from __future__ import annotations

import numpy as np
from numba import float32, njit

from newsclean.kernels.context import WIDTH, look_again
from newsclean.kernels.features import is_far, mass_of, measure
from newsclean.lines import LAST, SIZE, STOP

FAR_SCORE = -4.0
SETTLED = 2.5  # log odds after two fifths of the trees that the others would not turn
DEPTH = 6  # of every tree

PAGE_COLUMNS = (
    "short_lines", "short_share", "longest_run", "lead", "trail", "short_size", "tiny_share",
    "low_mean", "low_share", "lows", "sure", "high_mean", "sure_share",
    "lows_above", "lows_below",
)  # fmt: skip
LISTED = 45  # mean SIZE of short lines from which a text that opens with its story is a press review or a table
SURE = -2.0  # a score below which a line is surely furniture
LEAST_SHORT, LEAST_RUN, LEAST_SHARE = 8, 5, 0.25  # below this a document is no page, whatever else it is
LEAST_STORY = 120  # mass below which what the scorer keeps is no story
BEFORE, AFTER, INSIDE = 1, 2, 3


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
def measure_lines(data, punct, lines, first, stands, groups, out):  # type: ignore[no-untyped-def]
    """The shape tables of all documents, for training.

    stands: bool [lines]; groups: int8 [lines], as `decide` takes them; out: float32 [lines, len(COLUMNS)].
    """
    order, mass, table = np.empty(lines.shape[0], np.int64), np.empty(lines.shape[0], np.float32), np.empty_like(out)
    for d in range(first.shape[0] - 1):
        n = _standing(stands, first[d], first[d + 1], order)
        measure(data, punct, lines, order, n, groups, first[d], first[d + 1], mass, table)
        for k in range(n):
            out[order[k]] = table[k]


@njit(nogil=True, cache=True)
def measure_again(data, fold, punct, lines, first, stands, vocabulary, scores, out, settled):  # type: ignore[no-untyped-def]
    """The columns of CONTEXT of all documents, for training.

    scores: float32 [lines], the first ones. out: float32 [lines, WIDTH], its first columns filled by `measure_lines`; settled:
    bool [lines], unset for the lines that are filled.
    """
    order, seen = np.empty(lines.shape[0], np.int64), np.empty(lines.shape[0], np.int64)
    mass, table = np.empty(lines.shape[0], np.float32), np.empty_like(out)
    own = np.empty(lines.shape[0], np.float32)
    for d in range(first.shape[0] - 1):
        n = _standing(stands, first[d], first[d + 1], order)
        for k in range(n):
            mass[k], own[k], table[k] = mass_of(lines[order[k]]), scores[order[k]], out[order[k]]
        for j in range(look_again(data, fold, punct, lines, order, n, mass, vocabulary, own, seen, table)):
            out[order[seen[j]]], settled[order[seen[j]]] = table[seen[j]], False


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
def score_lines(table, seen, m, trees, sums):  # type: ignore[no-untyped-def]
    """The log odds of the m lines in `seen`, the sums of the trees' leaves, into sums float32 [>= lines].

    trees: (columns uint8 [trees, 2^DEPTH - 1], bounds float32 likewise, leaves float32 [trees, 2^DEPTH]); the children of
    node i are 2i + 1 and 2i + 2. A line that the first trees agree on needs no others, and leaves `seen`.
    """
    for j in range(m):
        sums[seen[j]] = 0
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
def score_first(table, n, trees, seen, sums):  # type: ignore[no-untyped-def]
    """The first scores of n lines, by their shape; what is far from all prose is furniture, unseen. As in `score_lines`."""
    m = 0
    for k in range(n):
        sums[k] = FAR_SCORE
        if not is_far(table[k]):
            seen[m] = k
            m += 1
    score_lines(table, seen, m, trees, sums)


@njit(nogil=True, cache=True)
def decide(data, fold, punct, lines, first, stands, groups, weights, scores, region, no_story):  # type: ignore[no-untyped-def]
    """Decide every document, round after round until a round removes nothing.

    stands: bool [lines], the lines to decide; those that go are unset. groups: int8 [lines], 1 to GROUPS for what rules took,
    else 0. They are unset after the first round: the last must know no more than another call on what is left.
    weights: (gate float64 [len(PAGE_COLUMNS) + 1], weights and bias; trees as `score_lines` takes them for the first scores, and
    for those of another look; the vocabulary of `look_again`).
    Filled: scores float32 [lines]; region int8 [lines], where a line goes; no_story bool [documents].
    """
    gate, first_trees, trees, vocabulary = weights
    longest = 1
    for d in range(first.shape[0] - 1):
        longest = max(longest, first[d + 1] - first[d])
    order, seen = np.empty(longest, np.int64), np.empty(longest, np.int64)
    table = np.empty((longest, WIDTH), np.float32)
    mass, sums = np.empty(longest, np.float32), np.empty(longest, np.float32)
    page = np.empty(len(PAGE_COLUMNS), np.float64)
    for d in range(first.shape[0] - 1):
        start, stop = first[d], first[d + 1]
        more = stop - start >= LEAST_SHORT
        while more:
            n = _standing(stands, start, stop, order)
            if not may_be_page(lines, order, n, page):
                break
            measure(data, punct, lines, order, n, groups, start, stop, mass, table)
            score_first(table, n, first_trees, seen, sums)
            left = look_again(data, fold, punct, lines, order, n, mass, vocabulary, sums, seen, table)
            score_lines(table, seen, left, trees, sums)
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
