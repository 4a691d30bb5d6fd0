"""From decisions to text: the loops that cut, join and count.

Owns: what goes with a removed part, the blanks between what stays, byte spans as code points. Must not know: rules' conditions.
"""

from __future__ import annotations

from numba import njit

from newsclean.cleaning.decide import FIELD, PART_B0, PART_B1, PART_LINE, PART_RULE, PREFIX, SUFFIX
from newsclean.kernels import copy, decode
from newsclean.lines import B0, B1, BLANK, BULLET, CLOSE, COLON, DASH, F0, F1, NUMBER_SIGN, OPEN, RAW0, SLASH
from newsclean.rules.compile import ACTION


@njit(nogil=True, cache=True)
def widen(data, fold, punct, lines, rules, parts):
    """Let each removed part take the punctuation that belonged to it: after a prefix, before a suffix, blanks after a span."""
    for n in range(parts.shape[0]):
        line = lines[parts[n, PART_LINE]]
        action = rules[parts[n, PART_RULE], ACTION]
        if action == FIELD:
            continue
        b0, b1 = parts[n, PART_B0], parts[n, PART_B1]
        if action == PREFIX:
            b0 = line[B0]
        if action == SUFFIX:
            b1 = line[B1]
        while action != SUFFIX and b1 < line[B1]:
            cp, after = decode(data, b1)
            p = punct[cp]
            joins = p == BLANK or (
                action == PREFIX and (p == DASH or p == COLON or p == CLOSE or p == SLASH or p == BULLET)
            )
            if fold[cp] != 1 and not joins:
                break
            b1 = after
        while action == SUFFIX and b0 > line[B0]:
            before = b0 - 1
            while (data[before] & 0xC0) == 0x80:
                before -= 1
            cp, _ = decode(data, before)
            p = punct[cp]
            joins = p == BLANK or p == DASH or p == SLASH or p == OPEN or p == BULLET or p == NUMBER_SIGN
            if not joins:
                break
            b0 = before
        while (
            action == SUFFIX and b0 < b1 and punct[decode(data, b0)[0]] == BLANK
        ):  # tidying takes trailing blanks anyway
            b0 = decode(data, b0)[1]
        parts[n, PART_B0], parts[n, PART_B1] = b0, b1


@njit(nogil=True, cache=True)
def assemble(data, lines, first, removed_by, parts, punct, out, out_offsets):
    """Write what stays: whole lines less their removed parts, without trailing blanks, at most one blank line in a row.

    parts: int64 [n, 4], sorted by line and start. The result is a subsequence of the original text.
    out: uint8 [bytes of data]; out_offsets: int64 [documents + 1]. Returns the bytes written.
    """
    pos, p = 0, 0
    out_offsets[0] = 0
    for d in range(first.shape[0] - 1):
        begin, blank = pos, False
        for at in range(first[d], first[d + 1]):
            row = lines[at]
            while p < parts.shape[0] and parts[p, PART_LINE] < at:
                p += 1
            if removed_by[at] >= 0:
                continue
            if row[B0] == row[B1]:
                blank = True
                continue
            before = pos
            if pos > begin:
                out[pos] = 10
                pos += 1
                if blank:
                    out[pos] = 10
                    pos += 1
            line_at, cursor = pos, row[RAW0]
            while p < parts.shape[0] and parts[p, PART_LINE] == at:
                pos = copy(data, cursor, parts[p, PART_B0], out, pos)
                cursor = max(cursor, parts[p, PART_B1])
                p += 1
            pos = copy(data, cursor, row[B1], out, pos)
            pos = _without_trailing_blanks(out, line_at, pos, punct)
            if pos == line_at:
                pos = before
            else:
                blank = False
        out_offsets[d + 1] = pos
    return pos


@njit(nogil=True, cache=True)
def _without_trailing_blanks(out, start, stop, punct):
    while stop > start:
        i = stop - 1
        while i > start and (out[i] & 0xC0) == 0x80:
            i -= 1
        cp, _ = decode(out, i)
        if punct[cp] != BLANK:
            break
        stop = i
    return stop


@njit(nogil=True, cache=True)
def code_points(data, lines, rows, out):
    """Turn byte spans into code points of their documents. rows: int64 [n, 3] of (line, byte, byte); out: int64 [n, 2]."""
    for n in range(rows.shape[0]):
        line = rows[n, 0]
        at, count = lines[line, B0], lines[line, F0]
        for side in range(2):
            if rows[n, 1 + side] == lines[line, B1]:
                at, count = lines[line, B1], lines[line, F1]
            while at < rows[n, 1 + side]:
                count += (data[at] & 0xC0) != 0x80
                at += 1
            out[n, side] = count


@njit(nogil=True, cache=True)
def blank_out(data, rows):
    """Overwrite byte spans with blanks, so that every other byte stays where it is. rows: int64 [n, 2]."""
    for n in range(rows.shape[0]):
        data[rows[n, 0] : rows[n, 1]] = 32
