"""Loops that look at a page once more, with first scores in hand: what story lies around a line, and the words it is made of.

Owns: the columns that follow those of `features` in the shape table. Must not know: trees, what is removed; the language.

Scores of the neighbours say more than their shapes do: a list within a story, a paragraph among comments. (Tu, Auto-context,
CVPR 2008.) The *story so far* is the prose that scores above zero; its *core* is the run of lines with the largest sum of
text that belongs to it less text that does not. Words are weighed by a vocabulary, learned from furniture and stories.
"""

from __future__ import annotations

import numpy as np
from numba import float32, float64, njit, uint32, uint64

from newsclean.kernels import decode, is_unspaced
from newsclean.kernels.features import COLUMNS, MOST
from newsclean.kernels.words import SEED, mix, probe
from newsclean.lines import B0, B1, COMMA, SIZE

CONTEXT = (
    "score", "score_above", "score_below",
    "story_above3", "story_below3", "story_above8", "story_below8", "story_above20", "story_below20", "score_around",
    "prose_score_above", "prose_score_below", "sure_above", "sure_below", "prose_since_sure", "prose_until_sure",
    "story_share_above", "story_share_below", "to_core", "core", "story", "core_share", "outside_core",
    "story_to_core", "text_to_core",
    "known", "common", "known_words", "commas", "capitals", "foreign",
    "weight", "weight_above5", "weight_below5", "weight_above15", "weight_below15",
)  # fmt: skip
CONTEXT_AT = len(COLUMNS)  # of a row of the shape table
WORDS_AT = CONTEXT_AT + 25
WIDTH = CONTEXT_AT + len(CONTEXT)
SURE = 1.5  # the score of prose that surely is story
LOW = -2.5  # the score below which a line is furniture, whatever stands around it
HIGH = 3.5  # the score above which a line is story


@njit(nogil=True, cache=True)
def _sums(lines, order, n, mass, scores):  # type: ignore[no-untyped-def]
    """Prefix sums over n lines: of capped scores, of text, of text that is story, of prose that is story; and the core."""
    sums = np.zeros((n + 1, 4), np.float64)
    best, top, bottom, here, begins = 0.0, 0, 0, 0.0, 0
    for k in range(n):
        size, share = min(lines[order[k], SIZE], MOST), 1 / (1 + np.exp(-float64(scores[k])))
        before, after = sums[k], sums[k + 1]
        after[0] = before[0] + max(min(scores[k], 3), -3)
        after[1], after[2], after[3] = before[1] + size, before[2] + size * share, before[3] + mass[k] * share
        if here <= 0:
            here, begins = 0.0, k
        here += (share - 0.5) * (size + 15)
        if here > best:
            best, top, bottom = here, begins, k + 1
    return sums, top, bottom, best


@njit(nogil=True, cache=True)
def _nearest(scores, mass, n, table):  # type: ignore[no-untyped-def]
    """The columns of the nearest prose on either side, and of the nearest that surely is story."""
    for side in range(2):
        near, sure, since = float32(-5), -1, 20
        for j in range(n):
            k, row = (j, table[j]) if side == 0 else (n - 1 - j, table[n - 1 - j])
            row[CONTEXT_AT + 10 + side] = near
            row[CONTEXT_AT + 12 + side] = min(j - sure, 60) if sure >= 0 else 99
            row[CONTEXT_AT + 14 + side] = min(since, 20)
            if mass[k] > 0:
                near, since = scores[k], since + (sure >= 0)
                if scores[k] > SURE:
                    sure, since = j, 0


@njit(nogil=True, cache=True)
def _around(scores, n, seen, m, sums, top, bottom, core, table):  # type: ignore[no-untyped-def]
    """The columns of the scores around the m lines in `seen`."""
    story = max(sums[n, 3], 1.0)
    inside = sums[bottom, 2] - sums[top, 2]
    for j in range(m):
        k = seen[j]
        row = table[k, CONTEXT_AT:]
        row[0] = scores[k]
        row[1] = scores[k - 1] if k > 0 else -5
        row[2] = scores[k + 1] if k + 1 < n else -5
        for w in range(3):
            low, high = max(k - (3, 8, 20)[w], 0), min(k + 1 + (3, 8, 20)[w], n)
            row[3 + 2 * w] = (sums[k, 2] - sums[low, 2]) / (sums[k, 1] - sums[low, 1] + 1)
            row[4 + 2 * w] = (sums[high, 2] - sums[k + 1, 2]) / (sums[high, 1] - sums[k + 1, 1] + 1)
        low, high = max(k - 2, 0), min(k + 3, n)
        row[9] = (sums[high, 0] - sums[low, 0]) / (high - low)
        row[16] = sums[k, 3] / story
        row[17] = (sums[n, 3] - sums[k + 1, 3]) / story
        row[18] = max(k - top, -60) if k < top else (min(k - bottom + 1, 60) if k >= bottom else 0)
        row[19] = core
        row[20] = min(story, 20000)
        row[21] = inside / max(sums[bottom, 1] - sums[top, 1], 1)
        row[22] = (sums[n, 2] - inside) / max(sums[n, 2], 1)
        for w in range(2):  # between the line and the core
            at = sums[:, 2 - w]
            row[23 + w] = at[k] - at[bottom] if k >= bottom else (at[top] - at[k] if k < top else 0)


@njit(nogil=True, cache=True)
def _words(data, fold, punct, line, hashes, n):  # type: ignore[no-untyped-def]
    """Append the hashes of the words of a line, in unspaced scripts of its pairs of characters.

    Returns their number in all, and the numbers of commas, capitals and letters, and of those of the Latin script.
    """
    commas, capitals, letters, latin = 0, 0, 0, 0
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
            n += 1
            h, inside = uint64(SEED), False
        if i > end:
            return n, commas, capitals, letters, latin
        if f == 0:
            commas += punct[cp] == COMMA
            before = uint32(0)
            continue
        letters += 1
        latin += f < 0x250
        if alone:
            if before:
                hashes[n] = mix(mix(uint64(SEED), before), f) | uint64(1)
                n += 1
            before = f
        else:
            if not inside:
                capitals += 65 <= cp <= 90 or 0xC0 <= cp <= 0xDE or 0x391 <= cp <= 0x3A9 or 0x400 <= cp <= 0x42F
                inside, before = True, uint32(0)
            h = mix(h, f)


@njit(nogil=True, cache=True)
def _read(data, fold, punct, lines, order, n, scores, low, table):  # type: ignore[no-untyped-def]
    """Hash the words of the lines that score above `low`. Returns the hashes, where those of each line begin, and letters."""
    room = 1
    for k in range(n):
        if scores[k] > low:
            room += lines[order[k], B1] - lines[order[k], B0] + 1
    hashes, first = np.empty(room, np.uint64), np.zeros(n + 1, np.int64)
    letters = np.zeros((n, 2), np.int64)
    for k in range(n):
        first[k + 1] = first[k]
        if scores[k] > low:
            found, commas, capitals, letters[k, 0], letters[k, 1] = _words(
                data, fold, punct, lines[order[k]], hashes, first[k]
            )
            first[k + 1] = found
            row = table[k, WORDS_AT:]
            row[3] = commas / (table[k, 0] + 20) * 100
            row[4] = capitals / (found - first[k]) if found > first[k] else -1
    return hashes, first, letters


@njit(nogil=True, cache=True)
def _story_words(hashes, first, mass, scores, n):  # type: ignore[no-untyped-def]
    """The words of the story so far, and how many of its lines hold each: a table of `probe`, empty slots with key 0."""
    total = 16
    for k in range(n):
        if mass[k] > 0 and scores[k] > 0:
            total += first[k + 1] - first[k]
    size = 64
    while size < 2 * total:
        size *= 2
    mask = uint64(size - 1)
    keys, counts, last = np.zeros(size, np.uint64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    for k in range(n):
        if mass[k] == 0 or scores[k] <= 0:
            continue
        for w in range(first[k], first[k + 1]):
            slot = (hashes[w] ^ (hashes[w] >> uint64(31))) & mask
            while keys[slot] != 0 and keys[slot] != hashes[w]:
                slot = (slot + uint64(1)) & mask
            keys[slot] = hashes[w]
            if last[slot] != k + 1:
                counts[slot] += 1
                last[slot] = k + 1
    return keys, counts


@njit(nogil=True, cache=True)
def _shared(hashes, first, letters, mass, scores, n, seen, m, table):  # type: ignore[no-untyped-def]
    """The columns of what the m lines in `seen` share with the story so far."""
    keys, counts = _story_words(hashes, first, mass, scores, n)
    story_letters, story_latin = 1, 0
    for k in range(n):
        if mass[k] > 0 and scores[k] > 0:
            story_letters, story_latin = story_letters + letters[k, 0], story_latin + letters[k, 1]
    for j in range(m):
        k = seen[j]
        own, known, common = mass[k] > 0 and scores[k] > 0, 0, 0
        for w in range(first[k], first[k + 1]):
            count = probe(keys, counts, hashes[w]) - own
            known += count > 0
            common += count >= 3
        row, found = table[k, WORDS_AT:], first[k + 1] - first[k]
        row[0] = known / found if found else -1
        row[1] = common / found if found else -1
        row[2] = known
        row[5] = abs(letters[k, 1] / letters[k, 0] - story_latin / story_letters) if letters[k, 0] else -1


@njit(nogil=True, cache=True)
def _weighed(hashes, first, vocabulary, n, seen, m, table):  # type: ignore[no-untyped-def]
    """The columns of the weights of words, those of a line by the root of their number; lines unread weigh nothing."""
    keys, places, weights = vocabulary
    sums = np.zeros(n + 1, np.float64)
    for k in range(n):
        weight = 0.0
        for w in range(first[k], first[k + 1]):
            place = probe(keys, places, hashes[w])
            if place >= 0:
                weight += weights[place]
        sums[k + 1] = sums[k] + weight / np.sqrt(first[k + 1] - first[k] + 1.0)
    for j in range(m):
        k, row = seen[j], table[seen[j], WORDS_AT:]
        row[6] = sums[k + 1] - sums[k]
        for w in range(2):
            low, high = max(k - (5, 15)[w], 0), min(k + 1 + (5, 15)[w], n)
            row[7 + 2 * w] = (sums[k] - sums[low]) / max(k - low, 1)
            row[8 + 2 * w] = (sums[high] - sums[k + 1]) / max(high - k - 1, 1)


@njit(nogil=True, cache=True)
def look_again(data, fold, punct, lines, order, n, mass, vocabulary, scores, seen, table):  # type: ignore[no-untyped-def]
    """Fill the columns of CONTEXT for the lines that are not settled; into `seen` which they are. Returns how many.

    As in `features.measure`; vocabulary: (keys uint64, places int64, a table of `probe`; weights float32); scores: float32
    [>= n], the first ones. table: float32 [>= n, WIDTH].
    """
    m = 0
    for k in range(n):
        if LOW < scores[k] < HIGH:
            seen[m] = k
            m += 1
    if m:
        sums, top, bottom, core = _sums(lines, order, n, mass, scores)
        _nearest(scores, mass, n, table)
        _around(scores, n, seen, m, sums, top, bottom, core, table)
        hashes, first, letters = _read(data, fold, punct, lines, order, n, scores, LOW, table)
        _shared(hashes, first, letters, mass, scores, n, seen, m, table)
        _weighed(hashes, first, vocabulary, n, seen, m, table)
    return m


@njit(nogil=True, cache=True)
def line_words(data, fold, punct, lines, hashes, first):  # type: ignore[no-untyped-def]
    """The hashes of the words of all lines, for training. hashes: uint64 [>= bytes + lines]; first: int64 [lines + 1]."""
    for at in range(lines.shape[0]):
        first[at + 1] = _words(data, fold, punct, lines[at], hashes, first[at])[0]


@njit(nogil=True, cache=True)
def word_keys(data, offsets, fold):  # type: ignore[no-untyped-def]
    """The hash of each text taken as one word of `line_words`."""
    keys = np.empty(offsets.shape[0] - 1, np.uint64)
    for d in range(offsets.shape[0] - 1):
        i, h = offsets[d], uint64(SEED)
        while i < offsets[d + 1]:
            cp, i = decode(data, i)
            h = mix(h, fold[cp])
        keys[d] = h | uint64(1)
    return keys
