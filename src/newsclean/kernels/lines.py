"""The loop over lines: measure them, find phrases in them.

Owns: one pass over the bytes that fills the line table of `newsclean.lines` and lists the phrases that occur.
Must not know: what a rule does with a phrase.

Phrases live in a trie over word hashes, held in one open-addressing table: a word costs one look-up in a bit filter and,
rarely, a probe, whatever the number of phrases. (An automaton over characters needs [states x letters] of memory, and
slows down as it falls out of the cache: 307 MB/s at 200 phrases, 150 at 10,000.)
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint32, uint64

from newsclean.kernels import decode, is_unspaced
from newsclean.kernels.words import LINE_MIX, SEED, edge_key, mix, probe
from newsclean.lines import (
    B0,
    B1,
    BLANK,
    C0,
    C1,
    CLOSE,
    DIGITS,
    DOC,
    ELLIPSIS,
    F0,
    F1,
    HASH,
    LAST,
    QUESTION,
    QUOTE,
    RAW0,
    RAW1,
    SIZE,
    STOP,
    STOPS,
    WORDS,
)  # fmt: skip

# Columns of the hit table, int64 [hits, HIT_WIDTH].
HIT_LINE, HIT_RULE, HIT_KIND, HIT_B0, HIT_B1, HIT_FIRST, HIT_LAST, HIT_AFTER = range(8)
HIT_WIDTH = 8

_MOST_OPEN = 32  # phrases under way at once: no phrase is longer, in words


@njit(nogil=True, cache=True)
def class_after(data, i, end, fold, punct):
    """The punctuation class of the first character from byte i that is neither blank nor a mark; 0 for a word or a newline."""
    while i < end:
        cp, i = decode(data, i)
        if fold[cp] == 1 or punct[cp] == BLANK:
            continue
        return int64(punct[cp]) if fold[cp] == 0 else int64(0)
    return int64(0)


@njit(nogil=True, cache=True)
def class_before(data, i, start, fold, punct):
    """The same, looking back from byte i."""
    while i > start:
        i -= 1
        while i > start and (data[i] & 0xC0) == 0x80:
            i -= 1
        cp, _ = decode(data, i)
        if fold[cp] == 1 or punct[cp] == BLANK:
            continue
        return int64(punct[cp]) if fold[cp] == 0 else int64(0)
    return int64(0)


@njit(nogil=True, cache=True)
def _advance(h, word0, word1, is_first, nodes, starts, firsts, n_open, edges, children):
    """Take every phrase under way one word further, and begin one here. Returns how many are under way."""
    kept = 0
    for n in range(n_open + 1):
        if n == n_open:
            node, start, first = int64(0), word0, is_first
        else:
            node, start, first = nodes[n], starts[n], firsts[n]
        child = probe(edges, children, edge_key(node, h))
        if child >= 0 and kept < _MOST_OPEN:
            nodes[kept], starts[kept], firsts[kept] = child, start, first
            kept += 1
    return kept


@njit(nogil=True, cache=True)
def _edges_agree(phrase, data, start, stop, line_start, doc_end, fold, punct):
    """Whether the punctuation that a phrase demands at its edges stands there, and what it forbids (negative) does not."""
    if phrase[2] and class_before(data, start, line_start, fold, punct) != phrase[2]:
        return False
    if phrase[3] == 0:
        return True
    after = class_after(data, stop, doc_end, fold, punct)
    return after == phrase[3] if phrase[3] > 0 else after != -phrase[3]


@njit(nogil=True, cache=True)
def scan(data, offsets, fold, punct, trie, active, profile, lines, hits):
    """Fill the line table and list the phrases that occur. Returns the number of hits, which may exceed the room.

    trie: (filter uint8 [65536], edges uint64, children int64, first int64, ends int64 [n, 4]); `ends[first[node]:first[node+1]]`
    are the (rule, kind, punctuation before, punctuation after) of the phrases that end in a node.
    active: uint8 [profiles, rules]; profile: int64 [documents]. hits: int64 [room, HIT_WIDTH].
    """
    word_filter, edges, children, first_end, ends = trie
    nodes = np.empty(_MOST_OPEN + 1, np.int64)
    starts = np.empty(_MOST_OPEN + 1, np.int64)
    firsts = np.empty(_MOST_OPEN + 1, np.bool_)
    found, line = 0, 0
    for d in range(offsets.shape[0] - 1):
        i, doc_end, cps = offsets[d], offsets[d + 1], int64(0)
        use = active[profile[d]]
        more = True
        while more:
            row = lines[line]
            row[DOC], row[RAW0], row[C0] = d, i, cps
            b0, b1, f0, f1 = int64(-1), i, cps, cps
            words, digits, wide, size, stops, last, before = 0, 0, 0, 0, 0, 0, 0
            h, line_hash, inside, single = uint64(SEED), uint64(SEED), False, False
            word0, word1, n_open, line_found = i, i, 0, found
            while True:
                at = i
                if i >= doc_end:
                    cp, f, more = uint32(10), uint32(0), False
                else:
                    cp, i = decode(data, i)
                    f = fold[cp]
                    if f == 1:
                        cps += 1
                        if b0 < 0:
                            b0, f0 = at, cps - 1
                        b1, f1 = i, cps
                        continue
                alone = is_unspaced(f)
                if inside and (f == 0 or alone or single):
                    words += 1
                    line_hash = (line_hash ^ h) * uint64(LINE_MIX)
                    line_hash ^= line_hash >> uint64(32)
                    if n_open > 0 or word_filter[h >> uint64(48)]:
                        n_open = _advance(h, word0, word1, words == 1, nodes, starts, firsts, n_open, edges, children)
                        for n in range(n_open):
                            for e in range(first_end[nodes[n]], first_end[nodes[n] + 1]):
                                if use[ends[e, 0]] and _edges_agree(
                                    ends[e], data, starts[n], word1, row[RAW0], doc_end, fold, punct
                                ):
                                    if found < hits.shape[0]:
                                        hit = hits[found]
                                        hit[HIT_LINE], hit[HIT_RULE], hit[HIT_KIND] = line, ends[e, 0], ends[e, 1]
                                        hit[HIT_B0], hit[HIT_B1] = starts[n], word1
                                        hit[HIT_FIRST], hit[HIT_LAST] = firsts[n], words
                                        hit[HIT_AFTER] = class_after(data, word1, doc_end, fold, punct)
                                    found += 1
                    h, inside, single = uint64(SEED), False, False
                if cp == 10:
                    break
                cps += 1
                if f == 0:
                    p = punct[cp]
                    if p == BLANK:
                        if last == STOP or last == QUESTION or last == ELLIPSIS:
                            stops += before != 1
                            before = 1
                        continue
                    if b0 < 0:
                        b0, f0 = at, cps - 1
                    b1, f1 = i, cps
                    size += 1
                    if p != CLOSE and p != QUOTE:
                        last = ELLIPSIS if p == STOP and (last == STOP or last == ELLIPSIS) else int64(p)
                        before = 0
                        if (
                            p == STOP or p == QUESTION
                        ) and cp >= 0x3000:  # no blank follows a Chinese or Japanese full stop
                            stops += 1
                            before = 1
                    continue
                if b0 < 0:
                    b0, f0 = at, cps - 1
                b1, f1 = i, cps
                size += 1
                last, before = 0, 0
                if alone:
                    wide += 1
                    word0, word1, h, inside, single = at, i, mix(uint64(SEED), f), True, True
                    continue
                if not inside:
                    word0, inside = at, True
                word1 = i
                h = mix(h, f)
                if 48 <= f <= 57:
                    digits += 1
            if (last == STOP or last == QUESTION or last == ELLIPSIS) and before != 1:
                stops += 1
            if b0 < 0:
                b0, f0 = row[RAW0], row[C0]
                b1, f1 = b0, f0
            row[RAW1], row[C1], row[B0], row[B1], row[F0], row[F1] = at, cps, b0, b1, f0, f1
            row[WORDS], row[DIGITS], row[SIZE] = words, digits, size + wide + wide // 2
            row[LAST], row[STOPS], row[HASH] = last, stops, int64(line_hash)
            cps += 1
            for n in range(line_found, min(found, hits.shape[0])):
                hits[n, HIT_LAST] = hits[n, HIT_LAST] == words
            line += 1
    return found
