"""Which lines go: the rules' conditions and actions over the line table, document by document.

Owns: zones, the continuations of a marker, the order in which rules claim a line, the guard; and the text that is left.
Must not know: phrases, patterns, how a document was read.

A document is decided on its standing lines only (not blank, not removed), round after round until a round removes
nothing. So the outcome is a fixed point: cleaning what stays removes nothing more.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from newsclean.kernels.lines import HIT_AFTER, HIT_B0, HIT_B1, HIT_FIRST, HIT_KIND, HIT_LAST, HIT_LINE, HIT_RULE
from newsclean.lines import (
    B0,
    B1,
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
    WORDS,
)  # fmt: skip
from newsclean.rules.compile import (
    ACTION,
    ACTION_NUMBER,
    AFTER,
    CLASS,
    CLASS_NUMBER,
    ENDING,
    FOLLOW,
    FOLLOW_NUMBER,
    LABEL,
    LINE,
    MAX,
    MIN,
    MIN_DIGITS,
    MOST,
    NEAR,
    VALUE,
    VALUE_NUMBER,
    ZONE,
    ZONE_BIT,
)  # fmt: skip

PROTECT, CUT, BLOCK, WHOLE = (ACTION_NUMBER[name] for name in ("protect", "cut", "block", "line"))
PREFIX, SUFFIX, FIELD, FLAG = (ACTION_NUMBER[name] for name in ("prefix", "suffix", "field", "flag"))
HEAD, BODY, TAIL = (ZONE_BIT[name] for name in ("head", "body", "tail"))
NONE, SHORT = VALUE_NUMBER["none"], VALUE_NUMBER["short"]
F_VALUE, F_TAGS, F_TITLES, F_REST = (FOLLOW_NUMBER[name] for name in ("value", "tags", "titles", "rest"))
APPENDED = CLASS_NUMBER["appended"]
# A line of these classes right above a read-also marker says that the story has ended.
CLOSING = np.zeros(len(CLASS_NUMBER), np.bool_)
CLOSING[[CLASS_NUMBER[name] for name in ("source", "tags", "share", "copyright", "id", "subscribe", "comment")]] = True

# Shares of a document (in SIZE) that one class may take before the guard holds it back. A class that takes more found
# something that only looks like furniture. Appended stories may be longer than the story itself.
BUDGET = np.full(len(CLASS_NUMBER), 0.5)
for _name, _share in {
    "appended": 0.97,
    "related": 0.8,
    "comment": 0.9,
    "chrome": 0.7,
    "ticker": 0.8,
    "repeated": 0.7,
}.items():
    BUDGET[CLASS_NUMBER[_name]] = _share
FREE = 150  # this much any class may take: the tag list of a two-line brief

EDGE = 6  # standing lines at either end that always count as head and tail
VALUE_LIMIT = 120  # code points of a "short" value
NAME_LIMIT = 40  # and of one behind a colon that ends in a full stop: a name, not yet a sentence
PARAGRAPH = 80  # SIZE from which a line that ends like a sentence is prose
LONG = 200  # SIZE from which a line is prose however it ends
TITLE_LIMIT = 170  # SIZE of the longest headline
TAG_LIMIT = 45
NEARBY = 6  # standing lines within which a line is seen as a double,
TOP = 10  # among so many at the top: further down, a refrain is the story's own

# What a decision reads, and what it fills; numba knows them as structures. Shapes as in `decide`.
Found = namedtuple("Found", "data lines hits fits hit_first rules")
State = namedtuple("State", "removed_by removed_class order done parts")

# Columns of the part table, int64 [parts, 4]: spans within a line that a rule removes, or (FIELD) only reads.
PART_LINE, PART_RULE, PART_B0, PART_B1 = range(4)


@njit(nogil=True, cache=True)
def is_prose(lines, at):
    """Whether a line reads like a paragraph of a story: a long line, or one of some length that ends a sentence."""
    size, last = lines[at, SIZE], lines[at, LAST]
    return size >= LONG or (size >= PARAGRAPH and (last == STOP or last == QUESTION or last == ELLIPSIS))


@njit(nogil=True, cache=True)
def is_title(lines, at):
    ends = lines[at, LAST] == STOP or lines[at, LAST] == COLON  # a colon leads on to what follows
    return lines[at, SIZE] <= TITLE_LIMIT and lines[at, WORDS] > 0 and not ends and not is_prose(lines, at)


@njit(nogil=True, cache=True)
def _fits(data, lines, hits, rules, h):
    """Whether a hit is what its rule means, wherever the line may stand: its place in the line, the value, the measure."""
    at, number, kind = hits[h, HIT_LINE], hits[h, HIT_RULE], hits[h, HIT_KIND]
    first, last = hits[h, HIT_FIRST], hits[h, HIT_LAST]
    if kind == NEAR or (kind == LINE and not (first and last)) or (kind == ENDING and not last):
        return False
    length = lines[at, F1] - lines[at, F0]
    if (rules[number, MAX] and length > rules[number, MAX]) or length < rules[number, MIN]:
        return False
    if lines[at, DIGITS] < rules[number, MIN_DIGITS] or (kind == LABEL and not first):
        return False
    if kind != LABEL or last or rules[number, VALUE] not in (NONE, SHORT):
        return True
    if rules[number, VALUE] == NONE:
        return False
    size = _value_size(data, hits[h, HIT_B1], lines[at, B1])
    named = hits[h, HIT_AFTER] == COLON and size <= NAME_LIMIT
    return size <= VALUE_LIMIT and (lines[at, LAST] != STOP or named)


@njit(nogil=True, cache=True)
def _value_size(data, start, end):
    """Code points from byte start to byte end, counted up to the limit that matters; an ideograph or kana counts 2.5."""
    halves = 0
    for i in range(start, end):
        if (data[i] & 0xC0) != 0x80:
            halves += 5 if 0xE3 <= data[i] <= 0xE9 else 2
        if halves > 2 * VALUE_LIMIT + 16:
            break
    return halves // 2


@njit(nogil=True, cache=True)
def _is_marked(found, at):
    """Whether a line begins with a phrase of its own rule: then it ends a list, and its own rule decides it."""
    for h in range(found.hit_first[at], found.hit_first[at + 1]):
        kind = found.hits[h, HIT_KIND]
        if found.hits[h, HIT_FIRST] and (kind == LABEL or (kind == LINE and found.hits[h, HIT_LAST])):
            return True
    return False


@njit(nogil=True, cache=True)
def _is_bulleted(found, at):
    """Whether a line opens with an asterisk, a bullet, or one of the drawn shapes U+2580 to U+263F."""
    i, data = found.lines[at, B0], found.data
    if data[i] != 0xE2:
        return data[i] == 0x2A
    return (data[i + 1] == 0x80 and data[i + 2] == 0xA2) or 0x96 <= data[i + 1] <= 0x98


@njit(nogil=True, cache=True)
def _is_stamp(lines, at):
    """Whether a line may be the date or time of a headline in a list."""
    return lines[at, SIZE] <= 30 and lines[at, DIGITS] > 0 and lines[at, WORDS] <= 6


@njit(nogil=True, cache=True)
def _in_list(found, first, at):
    """Whether a line may belong to the headlines that begin with line `first`: all have a bullet, or none has."""
    if not is_title(found.lines, at):
        return False
    return _is_stamp(found.lines, at) or _is_bulleted(found, at) == _is_bulleted(found, first)


@njit(nogil=True, cache=True)
def _titles(found, order, k, n, most):
    """How many lines behind order[k] are headlines, each perhaps with a line of date or time; at most `most` headlines."""
    taken, titles = 0, 0
    for j in range(k + 1, n):
        at = order[j]
        if not _in_list(found, order[k + 1], at) or _is_marked(found, at):
            break
        if not _is_stamp(found.lines, at):
            if titles == most:
                break
            titles += 1
        taken += 1
    return taken


@njit(nogil=True, cache=True)
def _follow(found, rule, order, k, n, closed):
    """How many standing lines behind order[k] belong to its block, and whether they are an appended story."""
    follow, most, lines = rule[FOLLOW], rule[MOST], found.lines
    left = n - k - 1
    if follow == F_VALUE:
        if left == 0 or lines[order[k + 1], SIZE] > 60 or _is_marked(found, order[k + 1]):
            return 0, False
        return int(is_title(lines, order[k + 1])), False
    if follow == F_TAGS:
        taken = 0
        while taken < min(left, most):
            at = order[k + 1 + taken]
            long = lines[at, SIZE] > TAG_LIMIT or lines[at, WORDS] > 6
            if long or not is_title(lines, at) or _is_marked(found, at):
                break
            taken += 1
        return taken, False
    if follow == F_TITLES:
        return _titles(found, order, k, n, most), False
    paragraphs, prose = 0, 0
    for j in range(k + 1, n):
        if is_prose(lines, order[j]):
            paragraphs += 1
            prose += lines[order[j], SIZE]
    if paragraphs == 0:
        return left, False
    if follow == F_REST:
        return 0, False
    if closed and prose >= LONG and is_title(lines, order[k + 1]):
        return left, True
    taken = _titles(found, order, k, n, most)
    ran_on = taken < left and _in_list(found, order[k + 1], order[k + 1 + taken])  # more than a list: leave it alone
    return (0 if ran_on else taken), False


@njit(nogil=True, cache=True)
def _claim(found, done, at, held, zone, before):
    """The hit that decides a line: the strongest action first, then the most specific rule. -1 for none."""
    best, rank, rules = -1, 0, found.rules
    for h in range(found.hit_first[at], found.hit_first[at + 1]):
        if not found.fits[h]:
            continue
        rule = found.hits[h, HIT_RULE]
        if (rules[rule, ZONE] & zone) == 0 or before < rules[rule, AFTER]:
            continue
        action = rules[rule, ACTION]
        if ((held >> rules[rule, CLASS]) & 1 and action != PROTECT) or (action >= PREFIX and done[h]):
            continue
        mine = action * rules.shape[0] + rule
        if best < 0 or mine < rank:
            best, rank = h, mine
    return best


@njit(nogil=True, cache=True)
def _closed(lines, line, start, removed_class):
    """Whether the line above, blank lines aside, was removed as one that ends a story."""
    above = line - 1
    while above >= start and lines[above, B0] == lines[above, B1]:
        above -= 1
    return above >= start and removed_class[above] >= 0 and CLOSING[removed_class[above]]


@njit(nogil=True, cache=True)
def _protected(found, at):
    for h in range(found.hit_first[at], found.hit_first[at + 1]):
        rule = found.hits[h, HIT_RULE]
        if found.fits[h] and found.rules[rule, ACTION] == PROTECT and found.rules[rule, AFTER] == 0:
            return True
    return False


@njit(nogil=True, cache=True)
def _remove(found, state, k, n, hit, closed):
    """Remove order[k] and what belongs to it."""
    number = hit[HIT_RULE]
    rule, order = found.rules[number], state.order
    count, appended = 0, False
    if rule[ACTION] == CUT:
        count = n - k - 1
    elif rule[ACTION] == BLOCK and (hit[HIT_LAST] or hit[HIT_KIND] != LABEL):
        count, appended = _follow(found, rule, order, k, n, closed)
    state.removed_by[order[k]], state.removed_class[order[k]] = number, rule[CLASS]
    for j in range(k + 1, k + 1 + count):
        if state.removed_by[order[j]] < 0 and not _protected(found, order[j]):
            state.removed_by[order[j]] = number
            state.removed_class[order[j]] = APPENDED if appended else rule[CLASS]


@njit(nogil=True, cache=True)
def _cut_part(found, state, at, h, n_parts):
    """Note the part of a line that a rule takes or reads. Returns whether the whole line went, and the number of parts."""
    hit, line = found.hits[h], found.lines[at]
    rule = found.rules[hit[HIT_RULE]]
    state.done[h] = True
    if rule[ACTION] != FIELD and hit[HIT_B0] <= line[B0] and hit[HIT_B1] >= line[B1]:
        state.removed_by[at], state.removed_class[at] = hit[HIT_RULE], rule[CLASS]
        return True, n_parts
    part = state.parts[n_parts]
    part[PART_LINE], part[PART_RULE], part[PART_B0], part[PART_B1] = at, hit[HIT_RULE], hit[HIT_B0], hit[HIT_B1]
    if rule[ACTION] == FIELD and hit[HIT_KIND] == LABEL:  # what is read is the value behind the label
        part[PART_B0], part[PART_B1] = hit[HIT_B1], line[B1]
    return False, n_parts + 1


@njit(nogil=True, cache=True)
def _standing(found, state, start, stop):
    """List the standing lines in state.order. Returns how many, and the first and last of prose among them."""
    n, first_prose, last_prose = 0, stop - start, -1
    for at in range(start, stop):
        if state.removed_by[at] < 0 and found.lines[at, B0] < found.lines[at, B1]:
            if is_prose(found.lines, at):
                first_prose = min(first_prose, n)
                last_prose = n
            state.order[n] = at
            n += 1
    return n, first_prose, last_prose


@njit(nogil=True, cache=True)
def _round(found, state, start, stop, doubles, held, n_parts):
    """One pass over the standing lines of a document. Returns whether anything went, and the number of parts."""
    n, first_prose, last_prose = _standing(found, state, start, stop)
    changed, before = False, 0
    doubles = -1 if doubles >= 0 and (held >> found.rules[doubles, CLASS]) & 1 else doubles
    for k in range(n):
        at = state.order[k]
        if state.removed_by[at] >= 0:
            continue
        zone = (HEAD if k < max(EDGE, first_prose) else 0) | (TAIL if k >= min(n - EDGE, last_prose + 1) else 0)
        zone = zone if zone else BODY
        gone = False
        while not gone and found.hit_first[at] < found.hit_first[at + 1]:
            h = _claim(found, state.done, at, held, zone, before)
            if h < 0 or found.rules[found.hits[h, HIT_RULE], ACTION] == PROTECT:
                break
            if found.rules[found.hits[h, HIT_RULE], ACTION] < PREFIX:
                closed = before > 0 and _closed(found.lines, at, start, state.removed_class)
                _remove(found, state, k, n, found.hits[h], closed)
                gone = True
            else:
                gone, n_parts = _cut_part(found, state, at, h, n_parts)
        if not gone and doubles >= 0 and k < TOP and _is_double(found.lines, state, k):
            state.removed_by[at], state.removed_class[at] = doubles, found.rules[doubles, CLASS]
            gone = True
        if not gone and is_prose(found.lines, at):
            before += found.lines[at, SIZE]
        changed |= gone
    return changed, n_parts


@njit(nogil=True, cache=True)
def _is_double(lines, state, k):
    at = state.order[k]
    for j in range(max(0, k - NEARBY), k):
        other = state.order[j]
        if lines[other, HASH] != lines[at, HASH] or lines[other, WORDS] != lines[at, WORDS] or lines[at, WORDS] < 2:
            continue
        if state.removed_by[other] < 0:
            return True
    return False


@njit(nogil=True, cache=True)
def _over_budget(lines, start, stop, removed_class):
    """The class that took more than its budget by the largest factor, or -1; -2 if nothing stands at all."""
    taken = np.zeros(BUDGET.shape[0])
    total, standing = 0, 0
    for at in range(start, stop):
        total += lines[at, SIZE]
        if removed_class[at] >= 0:
            taken[removed_class[at]] += lines[at, SIZE]
        else:
            standing += lines[at, WORDS]
    worst, factor = -1, 1.0
    for c in range(BUDGET.shape[0]):
        if taken[c] > FREE and taken[c] > factor * BUDGET[c] * total:
            worst, factor = c, taken[c] / (BUDGET[c] * total)
    if worst < 0 and standing == 0 and total > 0:
        return -2
    return worst


@njit(nogil=True, cache=True)
def decide(data, lines, first, hits, hit_first, rules, doubles, removed_by, removed_class, held, void, parts):
    """Decide every document. Returns the number of parts.

    first: int64 [documents + 1], lines of each document; hit_first: int64 [lines + 1], hits of each line; doubles: int64
    [documents], the rule for doubled lines or -1. Filled: removed_by, removed_class int64 [lines] (-1 where a line
    stays), held int64 [documents] (a bit set of the classes that the guard held back, bit 62 for all), void bool [lines]
    (what is no story, by rules that only flag), parts int64 [hits, 4].
    """
    fits = np.empty(hits.shape[0], np.bool_)
    for h in range(hits.shape[0]):
        fits[h] = _fits(data, lines, hits, rules, h)
        if fits[h] and rules[hits[h, HIT_RULE], ACTION] == FLAG:
            fits[h], void[hits[h, HIT_LINE]] = False, True
    found = Found(data, lines, hits, fits, hit_first, rules)
    order, done = np.empty(lines.shape[0] + 1, np.int64), np.zeros(hits.shape[0] + 1, np.bool_)
    state = State(removed_by, removed_class, order, done, parts)
    n_parts = 0
    for d in range(first.shape[0] - 1):
        start, stop = first[d], first[d + 1]
        began = n_parts
        while True:
            changed = True
            while changed:
                changed, n_parts = _round(found, state, start, stop, doubles[d], held[d], n_parts)
            worst = _over_budget(lines, start, stop, removed_class)
            if worst == -1:
                break
            if worst == -2:  # nothing would be left: a document that is furniture from end to end is not ours to empty
                held[d] = (np.int64(1) << 62) | ((np.int64(1) << BUDGET.shape[0]) - 1)
            else:
                held[d] |= np.int64(1) << worst
            removed_by[start:stop] = -1
            removed_class[start:stop] = -1
            done[hit_first[start] : hit_first[stop]] = False
            n_parts = began
            if worst == -2:
                break
    return n_parts
