"""Loops over lines: measure them, find phrases in them, tell languages apart.

Owns: one pass over the bytes that fills the line table of `newsclean.lines` and lists the phrases that occur.
Must not know: what a rule does with a phrase.

Phrases live in a trie over word hashes, held in one open-addressing table: a word costs one look-up in a bit filter and,
rarely, a probe, whatever the number of phrases. (An automaton over characters needs [states x letters] of memory, and
slows down as it falls out of the cache: 307 MB/s at 200 phrases, 150 at 10,000.) Word hashes are 64 bits wide, so that
two different words of a billion meet with a chance of 3 %, and a wrong hit would need one of them to be a phrase.
"""

from __future__ import annotations

import numpy as np
from numba import int64, njit, uint32, uint64

from newsclean.kernels import decode, is_unspaced
from newsclean.lines import (
    B0, B1, BLANK, C0, C1, CLOSE, DIGITS, DOC, ELLIPSIS, F0, F1, HASH, LAST, QUESTION, QUOTE, RAW0, RAW1, SIZE, STOP,
    STOPS, WORDS,
)  # fmt: skip

# Columns of the hit table, int64 [hits, HIT_WIDTH].
HIT_LINE, HIT_RULE, HIT_KIND, HIT_B0, HIT_B1, HIT_FIRST, HIT_LAST, HIT_AFTER = range(8)
HIT_WIDTH = 8

_SEED = 0xCBF29CE484222325
_WORD_MIX = 0x9E3779B97F4A7C15
_LINE_MIX = 0xFF51AFD7ED558CCD
_MOST_OPEN = 32  # phrases under way at once: no phrase is longer, in words


@njit(nogil=True, cache=True, inline="always")
def _mix(h, folded):  # type: ignore[no-untyped-def]
    h = (h ^ uint64(folded)) * uint64(_WORD_MIX)
    return h ^ (h >> uint64(29))


@njit(nogil=True, cache=True)
def word_hashes(data, offsets, fold):  # type: ignore[no-untyped-def]
    """The hash of every word of every text, in one array, and how many each text has."""
    hashes = np.empty(data.shape[0] + 1, np.uint64)
    counts = np.zeros(offsets.shape[0] - 1, np.int64)
    n = 0
    for d in range(offsets.shape[0] - 1):
        begin = n
        i, end, h, inside = offsets[d], offsets[d + 1], uint64(_SEED), False
        while i < end:
            cp, i = decode(data, i)
            f = fold[cp]
            if f == 1:
                continue
            alone = is_unspaced(f)
            if inside and (f == 0 or alone):
                hashes[n] = h
                n += 1
                h, inside = uint64(_SEED), False
            if alone:
                hashes[n] = _mix(uint64(_SEED), f)
                n += 1
            elif f != 0:
                h, inside = _mix(h, f), True
        if inside:
            hashes[n] = h
            n += 1
        counts[d] = n - begin
    return hashes[:n].copy(), counts


@njit(nogil=True, cache=True, inline="always")
def _probe(keys, values, key):  # type: ignore[no-untyped-def]
    """The value of a key in an open-addressing table of 2**k slots, -1 where it is not. Key 0 marks an empty slot."""
    mask = uint64(keys.shape[0] - 1)
    slot = (key ^ (key >> uint64(31))) & mask
    while keys[slot] != 0:
        if keys[slot] == key:
            return values[slot]
        slot = (slot + uint64(1)) & mask
    return int64(-1)


@njit(nogil=True, cache=True, inline="always")
def _in_language(keys, masks, h, bits):  # type: ignore[no-untyped-def]
    found = _probe(keys, masks, h | uint64(1))
    return found > 0 and (found & bits) != 0


@njit(nogil=True, cache=True)
def fill_table(keys, values, new_keys, new_values):  # type: ignore[no-untyped-def]
    """Insert distinct non-zero keys into an empty table of `_probe`; at most half of it may fill."""
    mask = uint64(keys.shape[0] - 1)
    for n in range(new_keys.shape[0]):
        key = new_keys[n]
        slot = (key ^ (key >> uint64(31))) & mask
        while keys[slot] != 0:
            slot = (slot + uint64(1)) & mask
        keys[slot], values[slot] = key, new_values[n]


@njit(nogil=True, cache=True, inline="always")
def edge_key(node, h):  # type: ignore[no-untyped-def]
    """The table key of the edge from a trie node along a word; never 0."""
    key = (h ^ (uint64(node) * uint64(_LINE_MIX))) * uint64(_WORD_MIX)
    return key | uint64(1)


@njit(nogil=True, cache=True)
def edge_keys(nodes, hashes):  # type: ignore[no-untyped-def]
    keys = np.empty(nodes.shape[0], np.uint64)
    for n in range(nodes.shape[0]):
        keys[n] = edge_key(nodes[n], hashes[n])
    return keys


@njit(nogil=True, cache=True)
def class_after(data, i, end, fold, punct):  # type: ignore[no-untyped-def]
    """The punctuation class of the first character from byte i that is neither blank nor a mark; 0 for a word, a newline or none."""
    while i < end:
        cp, i = decode(data, i)
        if fold[cp] == 1 or punct[cp] == BLANK:
            continue
        return int64(punct[cp]) if fold[cp] == 0 else int64(0)
    return int64(0)


@njit(nogil=True, cache=True)
def class_before(data, i, start, fold, punct):  # type: ignore[no-untyped-def]
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
def _advance(h, word0, word1, is_first, nodes, starts, firsts, n_open, edges, children):  # type: ignore[no-untyped-def]
    """Take every phrase under way one word further, and begin one here. Returns how many are under way."""
    kept = 0
    for n in range(n_open + 1):
        if n == n_open:
            node, start, first = int64(0), word0, is_first
        else:
            node, start, first = nodes[n], starts[n], firsts[n]
        child = _probe(edges, children, edge_key(node, h))
        if child >= 0 and kept < _MOST_OPEN:
            nodes[kept], starts[kept], firsts[kept] = child, start, first
            kept += 1
    return kept


@njit(nogil=True, cache=True)
def scan(data, offsets, fold, punct, trie, active, profile, lines, hits):  # type: ignore[no-untyped-def]
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
            h, line_hash, inside, single = uint64(_SEED), uint64(_SEED), False, False
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
                    line_hash = (line_hash ^ h) * uint64(_LINE_MIX)
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
                    h, inside, single = uint64(_SEED), False, False
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
                        if (p == STOP or p == QUESTION) and cp >= 0x3000:  # no blank follows a Chinese or Japanese full stop
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
                    word0, word1, h, inside, single = at, i, _mix(uint64(_SEED), f), True, True
                    continue
                if not inside:
                    word0, inside = at, True
                word1 = i
                h = _mix(h, f)
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


@njit(nogil=True, cache=True)
def _edges_agree(phrase, data, start, stop, line_start, doc_end, fold, punct):  # type: ignore[no-untyped-def]
    """Whether the punctuation that a phrase demands at its edges stands there."""
    if phrase[2] and class_before(data, start, line_start, fold, punct) != phrase[2]:
        return False
    return not phrase[3] or class_after(data, stop, doc_end, fold, punct) == phrase[3]


@njit(nogil=True, cache=True)
def language_votes(data, offsets, fold, word_filter, keys, masks, weights, votes):  # type: ignore[no-untyped-def]
    """Add up, for each document, the function words of each language that occur in a sample of it.

    word_filter: uint8 [65536], whether the top 16 bits of a hash occur. keys, masks: a table of `_probe` from word hash to
    a bit set of languages. weights: float64 [65], the weight of a word
    by the number of languages it belongs to. votes: float64 [documents, languages + 1]; the last column counts the words
    of the sample, which is the whole text up to 1 KB, else eight windows of 128 bytes.
    """
    for d in range(offsets.shape[0] - 1):
        length = offsets[d + 1] - offsets[d]
        windows = 1 if length <= 1024 else 8
        span = length if windows == 1 else 128
        for w in range(windows):
            i = offsets[d] + (length - span) * w // 7
            end = i + span
            while i < end and (data[i] & 0xC0) == 0x80:
                i += 1
            h, inside = uint64(_SEED), False
            while i < end:
                if i + 4 > end and data[i] >= 0x80 and windows > 1:
                    break
                cp, i = decode(data, i)
                f = fold[cp]
                if f == 1:
                    continue
                alone = is_unspaced(f)
                if inside and (f == 0 or alone):
                    _vote(word_filter, keys, masks, weights, h, votes[d])
                    h, inside = uint64(_SEED), False
                if alone:
                    _vote(word_filter, keys, masks, weights, _mix(uint64(_SEED), f), votes[d])
                elif f != 0:
                    h, inside = _mix(h, f), True
            if inside and windows == 1:
                _vote(word_filter, keys, masks, weights, h, votes[d])


@njit(nogil=True, cache=True)
def _vote(word_filter, keys, masks, weights, h, votes):  # type: ignore[no-untyped-def]
    languages = votes.shape[0] - 1
    votes[languages] += 1
    mask = _probe(keys, masks, h | uint64(1))
    if mask <= 0:
        return
    shared = 0
    for n in range(languages):
        shared += (mask >> n) & 1
    for n in range(languages):
        if (mask >> n) & 1:
            votes[n] += weights[shared]


@njit(nogil=True, cache=True)
def _is_symbol(cp):  # type: ignore[no-untyped-def]
    """Whether cp is what a UTF-8 continuation byte becomes when read as Latin-1 or Windows-1252."""
    if cp <= 0xBF:
        return cp >= 0x80
    if cp < 0x2000:
        return cp in (0x152, 0x153, 0x160, 0x161, 0x178, 0x17D, 0x17E, 0x192, 0x2C6, 0x2DC)
    return 0x2013 <= cp <= 0x203A or cp == 0x20AC or cp == 0x2122


@njit(nogil=True, cache=True)
def _is_entity(data, i, end):  # type: ignore[no-untyped-def]
    """Whether an HTML entity may begin with the ampersand at byte i."""
    j = i + 1
    if j < end and data[j] == 35:
        j += 1
    start = j
    while j < end and j - start < 125 and (data[j] >= 0x80 or 48 <= data[j] <= 57 or 65 <= (data[j] & 0xDF) <= 90 or data[j] == 95):
        j += 1
    return j < end and data[j] == 59 and j - start >= 2


@njit(nogil=True, cache=True)
def suspects(data, offsets, found):  # type: ignore[no-untyped-def]
    """Mark the documents that hold something to repair (see `newsclean.text.repair`). found: bool [documents]."""
    for d in range(offsets.shape[0] - 1):
        i, end = offsets[d], offsets[d + 1]
        while i < end:
            c = data[i]
            bad = False
            if c < 0x80:
                bad = (c < 32 and (c < 9 or c > 13)) or c == 127 or (c == 38 and _is_entity(data, i, end))
                i += 1
            elif c == 0xC2:
                bad = data[i + 1] < 0xA0
                i += 2
            elif c == 0xC3:
                if 0x82 <= data[i + 1] <= 0xB4 and i + 2 < end and data[i + 2] >= 0xC2:
                    cp, _ = decode(data, i + 2)
                    bad = _is_symbol(cp)
                i += 2
            elif c < 0xE0:
                i += 2
            elif c < 0xF0:
                bad = (c == 0xED and data[i + 1] >= 0xA0) or (c == 0xEF and data[i + 1] == 0xBB and data[i + 2] == 0xBF)
                i += 3
            else:
                i += 4
            if bad:
                found[d] = True
                break


@njit(nogil=True, cache=True)
def date_lines(data, lines, rows, bits, fold, keys, masks, found):  # type: ignore[no-untyped-def]
    """Mark the lines made only of numbers and date words, with a date or time in them.

    rows: int64 [n], rows of the line table; bits: int64 [n], the languages whose date words count; keys, masks: a table
    of `_probe` from word hash to languages. found: bool [n].
    """
    for n in range(rows.shape[0]):
        line = lines[rows[n]]
        i, end = line[B0], line[B1]
        numbers, names, joints, strange = 0, 0, 0, False
        h, inside, number, joined, after_number = uint64(_SEED), False, False, False, False
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
                    joints += joined and after_number
                elif _in_language(keys, masks, h, bits[n]):
                    names += 1
                else:
                    strange = True
                after_number, joined = number, False
                h, inside = uint64(_SEED), False
            if alone:
                if _in_language(keys, masks, _mix(uint64(_SEED), f), bits[n]):
                    names += 1
                else:
                    strange = True
                after_number = False
            elif f != 0:
                if not inside:
                    number = 48 <= f <= 57
                h, inside = _mix(h, f), True
            elif cp == 0x2F or cp == 0x3A or cp == 0x2D or cp == 0x2E:  # / : - . between two numbers
                joined = True
        found[n] = not strange and numbers > 0 and (joints >= 2 or (names > 0 and (numbers > 1 or joints > 0)))
