"""The loop over lines: measure them, find phrases in them.

Owns: one pass over the bytes that fills the line table of `newsclean.lines` and lists the phrases that occur.
Must not know: what a rule does with a phrase.

Phrases live in a trie over word hashes, held in one open-addressing table: a word costs one look-up in a bit filter and,
rarely, a probe, whatever the number of phrases. (An automaton over characters needs [states x letters] of memory, and
slows down as it falls out of the cache: 307 MB/s at 200 phrases, 150 at 10,000.)
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numba import int64, njit, uint64

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

# Where in a line a word may begin a phrase. Most phrases count at the start only: of the words of 300 English news pages 29 %
# begin some phrase, 9 % one that counts anywhere; of Arabic stories 8 % and 1 %.
AT_START, ANYWHERE = 1, 2
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


@njit(nogil=True, cache=True, inline="always")
def _advance(h, start, is_first, begins, open_phrases, n_open, trie):
    """Take every phrase under way one word further, and begin one here. Returns how many are under way, and how many end."""
    nodes, starts, firsts = open_phrases
    edges, children, first_end, _ = trie
    kept, ended = 0, 0
    for n in range(n_open + begins):
        if n == n_open:
            node, begun, first = int64(0), start, is_first
        else:
            node, begun, first = nodes[n], starts[n], firsts[n]
        child = probe(edges, children, edge_key(node, h))
        if child >= 0 and kept < _MOST_OPEN:
            nodes[kept], starts[kept], firsts[kept] = child, begun, first
            kept += 1
            ended += first_end[child + 1] - first_end[child]
    return kept, ended


@njit(nogil=True, cache=True)
def _edges_agree(demands_before, demands_after, data, start, stop, line_start, doc_end, fold, punct):
    """Whether the punctuation that a phrase demands at its edges stands there, and what it forbids (negative) does not."""
    if demands_before and class_before(data, start, line_start, fold, punct) != demands_before:
        return False
    if demands_after == 0:
        return True
    after = class_after(data, stop, doc_end, fold, punct)
    return after == demands_after if demands_after > 0 else after != -demands_after


@njit(nogil=True, cache=True)
def _list_hits(data, line, line_start, doc_end, fold, punct, trie, use, open_phrases, n_open, stop, words, hits, found):
    """List the phrases that end with the present word, at byte stop. Returns how many hits there are by now."""
    nodes, starts, firsts = open_phrases
    _, _, first_end, ends = trie
    for n in range(n_open):
        for e in range(first_end[nodes[n]], first_end[nodes[n] + 1]):
            if not use[ends[e, 0]] or not _edges_agree(
                ends[e, 2], ends[e, 3], data, starts[n], stop, line_start, doc_end, fold, punct
            ):
                continue
            if found < hits.shape[0]:
                hits[found, HIT_LINE], hits[found, HIT_RULE], hits[found, HIT_KIND] = line, ends[e, 0], ends[e, 1]
                hits[found, HIT_B0], hits[found, HIT_B1], hits[found, HIT_FIRST] = starts[n], stop, firsts[n]
                hits[found, HIT_LAST] = words
                hits[found, HIT_AFTER] = class_after(data, stop, doc_end, fold, punct)
            found += 1
    return found


@njit(nogil=True, cache=True)
def _list_symbols(data, line, at, doc_end, symbols, use, hits, found):
    """List the symbols that begin at byte `at`. Returns how many hits there are by now."""
    ends, strings, lengths, _ = symbols
    for n in range(ends.shape[0]):
        length = lengths[n]
        if data[at] != strings[n, 0] or at + length > doc_end or not use[ends[n, 0]]:
            continue
        same = 1
        while same < length and data[at + same] == strings[n, same]:
            same += 1
        if same == length:
            if found < hits.shape[0]:
                hit = hits[found]
                hit[HIT_LINE], hit[HIT_RULE], hit[HIT_KIND] = line, ends[n, 0], ends[n, 1]
                hit[HIT_B0], hit[HIT_B1], hit[HIT_FIRST], hit[HIT_LAST], hit[HIT_AFTER] = at, at + length, 0, 0, 0
            found += 1
    return found


@njit(nogil=True, cache=True)
def scan(data, offsets, fold, punct, trie, symbols, filters, active, profile, lines, hits):
    """Fill the line table and list the phrases and symbols that occur. Returns the number of hits, which may exceed the room.

    trie: (edges uint64, children int64, first int64, ends int64 [n, 4]); `ends[first[node]:first[node + 1]]` are the (rule,
    kind, punctuation before, punctuation after) of the phrases that end in a node. symbols: ((rule, kind) int64 [n, 2], UTF-8
    strings uint8 [n, longest], lengths int64 [n], bytes they begin with bool [256]). filters: uint8 [profiles, 65536], by the
    top 16 bits of its hash whether a word may begin an active phrase AT_START of a line, ANYWHERE in it, or not at all (0).
    active: uint8 [profiles, rules]; profile: int64 [documents]. hits: int64 [room, HIT_WIDTH].
    """
    open_phrases = (
        np.empty(_MOST_OPEN + 1, np.int64),
        np.empty(_MOST_OPEN + 1, np.int64),
        np.empty(_MOST_OPEN + 1, np.bool_),
    )
    begins = symbols[3]
    found, line = 0, 0
    for d in range(offsets.shape[0] - 1):
        i, doc_end, cps = offsets[d], offsets[d + 1], int64(0)
        use, word_filter = active[profile[d]], filters[profile[d]]
        more = True
        while more:
            row = lines[line]
            row[DOC], row[RAW0], row[C0] = d, i, cps
            b0, b1, f0, f1 = int64(-1), i, cps, cps
            words, digits, wide, size, stops, last, counted = 0, 0, 0, 0, 0, 0, False
            line_hash, n_open, line_found = uint64(SEED), 0, found
            while True:
                at = i
                if i >= doc_end:
                    more = False
                    break
                cp, i = decode(data, i)
                if cp == 10:
                    break
                f = fold[cp]
                if f == 0:
                    cps += 1
                    p = punct[cp]
                    if p == BLANK:
                        if not counted and (last == STOP or last == QUESTION or last == ELLIPSIS):
                            stops += 1
                            counted = True
                        continue
                    if b0 < 0:
                        b0, f0 = at, cps - 1
                    b1, f1 = i, cps
                    size += 1
                    if begins[data[at]]:
                        found = _list_symbols(data, line, at, doc_end, symbols, use, hits, found)
                    if p != CLOSE and p != QUOTE:
                        last = ELLIPSIS if p == STOP and (last == STOP or last == ELLIPSIS) else int64(p)
                        # No blank follows a Chinese or Japanese full stop.
                        counted = (p == STOP or p == QUESTION) and cp >= 0x3000
                        stops += counted
                    continue
                if b0 < 0:
                    b0, f0 = at, cps
                cps += 1
                b1, f1 = i, cps
                if f == 1:
                    if begins[data[at]]:  # a tatweel as a dash
                        found = _list_symbols(data, line, at, doc_end, symbols, use, hits, found)
                    continue
                # A word: one character of an unspaced script, or letters and the marks among them.
                h, word1 = mix(uint64(SEED), f), i
                size += 1
                if is_unspaced(f):
                    wide += 1
                else:
                    digits += 48 <= f <= 57
                    while i < doc_end:
                        cp, after = decode(data, i)
                        f = fold[cp]
                        if f == 0 or is_unspaced(f):
                            break
                        i = after
                        cps += 1
                        if f > 1:
                            h, word1 = mix(h, f), i
                            size += 1
                            digits += 48 <= f <= 57
                    b1, f1 = i, cps
                last, counted = 0, False
                words += 1
                line_hash = (line_hash ^ h) * uint64(LINE_MIX)
                line_hash ^= line_hash >> uint64(32)
                begins_phrase = word_filter[h >> uint64(48)] >= (AT_START if words == 1 else ANYWHERE)
                if n_open > 0 or begins_phrase:
                    n_open, ended = _advance(h, at, words == 1, begins_phrase, open_phrases, n_open, trie)
                    if ended:
                        found = _list_hits(
                            data, line, row[RAW0], doc_end, fold, punct, trie, use, open_phrases, n_open, word1, words,
                            hits, found,
                        )  # fmt: skip
            stops += not counted and (last == STOP or last == QUESTION or last == ELLIPSIS)
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


def compiled_before() -> bool:
    """Whether numba holds compiled code of these loops from an earlier call: compiling all of them takes a minute."""
    folder = scan.stats.cache_path
    return folder is not None and any(Path(folder).glob("lines.scan-*.nbi"))
