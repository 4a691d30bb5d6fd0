"""Loops that tell a line by what it is made of: dates, headlines strung together.

Owns: these tests. Must not know: rules, and what is done with such a line.
"""

from __future__ import annotations

from numba import int64, njit, uint32, uint64

from newsclean.kernels import decode, is_unspaced
from newsclean.kernels.words import SEED, mix, probe
from newsclean.lines import B0, B1, LAST, QUESTION, SIZE, STOP, STOPS, WORDS

_TICKER = 300  # SIZE from which one line without a full stop may be a run of headlines
_SPACED_TICKER = 80  # the same where four blanks set the headlines apart, as one family of sites prints them
_GAP, _GAPS = 4, 3
_TITLE = 170
_PARAGRAPH = 80
_SENTENCES = 3


@njit(nogil=True, cache=True)
def _in_language(keys, masks, h, bits):
    found = probe(keys, masks, h | uint64(1))
    return found > 0 and (found & bits) != 0


@njit(nogil=True, cache=True)
def date_lines(data, lines, rows, bits, fold, keys, masks, found):
    """Mark the lines made only of numbers and date words, with a date or time in them.

    Numbers are days, months, hours and years: one or two digits, or four. Without a date word there must be a year and two
    signs that join numbers (1/2/2024). A line that ends in a full stop is the last of a sentence, wrapped, unless it ends in
    a letter (a.m.) or has no words (2024. 3. 5.).
    rows: int64 [n], rows of the line table; bits: int64 [n], the languages whose date words count; keys, masks: a table
    of `probe` from word hash to languages. found: bool [n].
    """
    for n in range(rows.shape[0]):
        line = lines[rows[n]]
        i, end = line[B0], line[B1]
        numbers, years, names, joints, strange = 0, 0, 0, 0, False
        value, digits, letters = 0, 0, 0
        h, inside, number, joined, after_number = uint64(SEED), False, False, False, False
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
                    years += digits == 4 and 1300 <= value < 2200
                    strange = digits == 3 or digits > 4
                    joints += joined and after_number
                elif _in_language(keys, masks, h, bits[n]):
                    names += 1
                else:
                    strange = True
                after_number, joined = number, False
                h, inside = uint64(SEED), False
            if alone:
                if _in_language(keys, masks, mix(uint64(SEED), f), bits[n]):
                    names += 1
                else:
                    strange = True
                after_number = False
            elif f != 0:
                is_digit = 48 <= f <= 57
                if not inside:
                    number, value, digits, letters = is_digit, 0, 0, 0
                if is_digit and digits < 6:
                    value, digits = value * 10 + int64(f) - 48, digits + 1
                letters += 1
                h, inside = mix(h, f), True
            elif cp == 0x2F or cp == 0x3A or cp == 0x2D or cp == 0x2E:  # / : - . between two numbers
                joined = True
        dated = (years > 0 and joints >= 2) or (names > 0 and (numbers > 1 or joints > 0))
        wrapped = line[LAST] == STOP and names > 0 and (number or letters > 1)
        found[n] = dated and not strange and not wrapped


@njit(nogil=True, cache=True)
def _is_run(data, line):
    """Whether a long line without a full stop looks like headlines strung together."""
    gaps, blanks, commas, length = 0, 0, 0, 0
    i = line[B0]
    while i < line[B1]:
        cp, i = decode(data, i)
        length += 1
        blanks = blanks + 1 if cp == 0x20 else 0
        if blanks == _GAP:
            gaps, blanks = gaps + 1, 0
        commas += cp == 0x2C or cp == 0x60C or cp == 0x3001  # , ، 、
    # Headlines have few commas; a story written without full stops has one every twenty words.
    return gaps >= _GAPS or (line[SIZE] >= _TICKER and commas * 250 <= length)


@njit(nogil=True, cache=True)
def _title_and_story(lines, at, stop):
    """Whether a title and prose come at once behind a line."""
    behind, stops, title = 0, 0, False
    for k in range(at + 1, stop):
        if lines[k, WORDS] > 0:
            if behind == 0:
                title = lines[k, SIZE] <= _TITLE and lines[k, LAST] != STOP
            behind += 1
            stops += lines[k, STOPS]
    # Some prose has no full stops at all; only beside a story that has them does their absence tell anything.
    return title and behind > 1 and stops >= _SENTENCES


@njit(nogil=True, cache=True)
def headline_runs(data, lines, first, opens, elsewhere):
    """Mark the long lines made of headlines: those that open a document, before its title and story, and the others.

    opens, elsewhere: bool [lines].
    """
    for d in range(first.shape[0] - 1):
        above, told = 0, False
        for at in range(first[d], first[d + 1]):
            line = lines[at]
            ends = line[LAST] == STOP or line[LAST] == QUESTION
            if line[SIZE] >= _SPACED_TICKER and line[STOPS] <= 1 and not ends and _is_run(data, line):
                opens[at] = above <= 2 and not told and _title_and_story(lines, at, first[d + 1])
                elsewhere[at] = not opens[at]
            above += line[WORDS] > 0
            told |= line[STOPS] > 0 and line[SIZE] >= _PARAGRAPH  # the story has begun
