"""How names and numbers of two texts differ, which tells two notes of one template apart.

Owns: what of two token sequences counts as a name, a number, or a word in the place of another. Must not know: thresholds,
relations, documents. Every function is compiled; arrays in, arrays out.
"""

from __future__ import annotations

import numpy as np
from numba import njit, uint32, uint64

from newsclean.kernels.minhash import CODE, DIGIT, NUMERAL, UNSPACED, UPPER, first_from


@njit(nogil=True, cache=True)
def buckets_of(values):  # type: ignore[no-untyped-def]
    """bool [65536]: by the top 16 bits of a uint32, whether it may be among the values. Most tokens are no numeral."""
    buckets = np.zeros(1 << 16, np.bool_)
    for value in values:
        buckets[value >> uint32(16)] = True
    return buckets


@njit(nogil=True, cache=True)
def mark_numerals(hashes, kinds, count, numerals, buckets):  # type: ignore[no-untyped-def]
    """Flag the number words among the first `count` tokens; numerals: uint32, sorted token hashes, and their `buckets_of`."""
    for p in range(count):
        if buckets[hashes[p] >> uint32(16)]:
            at = first_from(numerals, hashes[p])
            if at < numerals.shape[0] and numerals[at] == hashes[p]:
                kinds[p] |= uint32(NUMERAL)


@njit(nogil=True, cache=True)
def _facts_of(hashes, kinds, low, high):  # type: ignore[no-untyped-def]
    """The capitalised words and numbers among the tokens low to high: hash << 32 | kind, sorted."""
    out, count = np.empty(high - low, np.uint64), 0
    for p in range(low, high):
        kind = kinds[p] & uint32(UPPER | DIGIT)
        if kind:
            out[count] = (uint64(hashes[p]) << uint64(32)) | uint64(kind)
            count += 1
    found = out[:count]
    found.sort()
    return found


@njit(nogil=True, cache=True)
def _flagged(values, flag):  # type: ignore[no-untyped-def]
    """How many values have a flag."""
    count = 0
    for value in values:
        count += (uint64(value) & uint64(flag)) != 0
    return count


@njit(nogil=True, cache=True)
def _missing_names(facts, hashes, low, high):  # type: ignore[no-untyped-def]
    """How many distinct capitalised words of `facts` are none of the words low to high of the other text."""
    met = np.zeros(facts.shape[0], np.uint8)
    for p in range(low, high if _flagged(facts, UPPER) else low):
        at = first_from(facts, uint64(hashes[p]) << uint64(32))
        if at < facts.shape[0] and facts[at] >> uint64(32) == uint64(hashes[p]):
            met[at] = 1
    missing = 0
    for p in range(facts.shape[0]):
        first = p == 0 or facts[p] >> uint64(32) != facts[p - 1] >> uint64(32)
        missing += first and not met[p] and (facts[p] & uint64(UPPER)) != 0
    return missing


@njit(nogil=True, cache=True)
def _runs(hashes, kinds, low, high, low_other, high_other):  # type: ignore[no-untyped-def]
    """The runs of words between low and high that the other text has nowhere, inside the text: [runs, 2], first and after."""
    known = hashes[low_other:high_other].copy()
    known.sort()
    out, made, open_ = np.empty(((high - low) // 2 + 1, 2), np.int64), 0, False
    for p in range(low, high):
        at = first_from(known, hashes[p])
        missing = not kinds[p] & uint32(DIGIT) and not (at < known.shape[0] and known[at] == hashes[p])
        if missing and not open_:
            out[made, 0] = p
        if open_ and not missing:
            out[made, 1] = p
            made += out[made, 0] > low
        open_ = missing
    return out[:made]


@njit(nogil=True, cache=True)
def _of_run(kinds, letters, low, high):  # type: ignore[no-untyped-def]
    """The letters that the words of a run have, whether one is a number, and how many words it counts for."""
    has, numeral, characters = uint64(0), False, 0
    for p in range(low, high):
        has |= letters[p]
        numeral |= (kinds[p] & uint32(NUMERAL)) != 0
        characters += (kinds[p] & uint32(UNSPACED)) != 0
    return has, numeral, high - low - characters // 2


@njit(nogil=True, cache=True)
def _bits(x):  # type: ignore[no-untyped-def]
    count = 0
    while x:
        x &= x - uint64(1)
        count += 1
    return count


@njit(nogil=True, cache=True)
def _replaced(a, b, places, hashes, kinds, letters):  # type: ignore[no-untyped-def]
    """How many words of texts a and b stand in one another's place, and in how many places there are different number words.

    A place has the same word before it, and the same after it. Spellings of one word share two letters in five and don't
    count; what stands for a word twice counts once.
    """
    x = _runs(hashes, kinds, places[a], places[a + 1], places[b], places[b + 1])
    y = _runs(hashes, kinds, places[b], places[b + 1], places[a], places[a + 1])
    words, numbers, seen = 0, 0, np.zeros(x.shape[0], np.uint32)
    for i in range(x.shape[0]):
        for j in range(y.shape[0]):
            if hashes[x[i, 0] - 1] != hashes[y[j, 0] - 1] or hashes[x[i, 1]] != hashes[y[j, 1]]:
                continue
            ours, our_number, our_words = _of_run(kinds, letters, x[i, 0], x[i, 1])
            theirs, their_number, their_words = _of_run(kinds, letters, y[j, 0], y[j, 1])
            if our_number and their_number:
                numbers += 1
            elif 5 * _bits(ours & theirs) < 2 * _bits(ours | theirs) and not (seen[:i] == hashes[x[i, 0]]).any():
                seen[i] = hashes[x[i, 0]]
                words += min(our_words, their_words)
            break
    return words, numbers


@njit(nogil=True, cache=True)
def _without_case(kinds, low, high):  # type: ignore[no-untyped-def]
    """Whether most words are in a script that has no capital letters."""
    count = 0
    for p in range(low, high):
        code = kinds[p] & uint32(CODE)
        cased = code < uint32(0x590) or (code >= uint32(0x1E00) and code < uint32(0x2E80))  # Latin, Greek, Cyrillic
        count += not cased
    return 2 * count > high - low


@njit(nogil=True, cache=True)
def facts(a, b, places, hashes, kinds, letters, short, dense, alike, out):  # type: ignore[no-untyped-def]
    """How names and numbers of texts a and b differ, to out (int64 [6]).

    Distinct capitalised words of a, and of b, found nowhere in the other text; numbers, with repetition, in a, in b, in
    both; words in one another's place, in scripts without capitals, where both are about as long.
    Number words that differ in one place count as numbers of both.

    short, dense: where the shorter text has as many tokens and, number words included, at most this share of numbers, nobody
    asks for words in one another's place, which take longest to find: there are none then. alike: nobody asks for names
    and shared numbers then either.
    """
    low_a, low_b, high_a, high_b = places[a], places[b], places[a + 1], places[b + 1]
    length_a, length_b = high_a - low_a, high_b - low_b
    length = min(length_a, length_b)
    out[:] = 0
    out[2], out[3] = _flagged(kinds[low_a:high_a], DIGIT), _flagged(kinds[low_b:high_b], DIGIT)
    # Number words of a, in places that b has too, count once each, however often b has the place.
    numerals = _flagged(kinds[low_a:high_a], NUMERAL)
    free = length >= short and min(out[2], out[3]) + numerals <= dense * length
    if free and alike:
        return
    x, y = _facts_of(hashes, kinds, low_a, high_a), _facts_of(hashes, kinds, low_b, high_b)
    out[0] = _missing_names(x, hashes, low_b, high_b)
    out[1] = _missing_names(y, hashes, low_a, high_a)
    i, j = 0, 0
    while i < x.shape[0] and j < y.shape[0]:
        if x[i] == y[j]:
            out[4] += (x[i] & uint64(DIGIT)) != 0
        low = x[i] <= y[j]
        j += x[i] >= y[j]
        i += low
    if free:
        return
    names = 10 * abs(length_a - length_b) <= max(length_a, length_b) and _without_case(kinds, low_a, high_a)
    if names or (numerals and _flagged(kinds[low_b:high_b], NUMERAL)):
        words, numbers = _replaced(a, b, places, hashes, kinds, letters)
        out[2] += numbers
        out[3] += numbers
        out[5] = words if names else 0
