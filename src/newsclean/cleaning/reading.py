"""What stands on the lines of documents: their measures, the phrases and patterns that occur in them.

Owns: reading a column for the first time, and reading again only what changed. Must not know: what the rules then do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsclean.cleaning.patterns import by_line, match_patterns
from newsclean.fold import fold_table
from newsclean.kernels.lines import HIT_B0, HIT_B1, HIT_LINE, HIT_WIDTH, scan
from newsclean.lines import B0, B1, C0, DOC, F0, F1, HASH, RAW0, RAW1, WORDS, Lines, punctuation_table
from newsclean.rules.compile import CompiledRules
from newsclean.text import TextColumn

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of a column, the hits on them, and by document the rules that had a pattern cut off.

    hits: int64 [hits, HIT_WIDTH], sorted by line, without those of detectors.
    """

    texts: TextColumn
    lines: Lines
    hits: Ints
    slow: dict[int, set[int]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rules apply to which documents: active uint8 [profiles, rules]; profile int64 [documents]."""

    rules: CompiledRules
    active: npt.NDArray[np.uint8]
    profile: Ints


def read(texts: TextColumn, lines: Lines, scope: Scope) -> Reading:
    """Read every line of a column. lines: an empty table of it, filled here."""
    hits = scanned(texts, lines, scope)
    return Reading(texts, lines, *match_patterns(texts, lines, hits, scope.rules, scope.active, scope.profile))


def reread(first: Reading, texts: TextColumn, docs: Ints, gone: Bools, changed: Bools, scope: Scope) -> Reading:
    """Read documents again, after some of their lines went and others changed.

    first: how they were read, among others. texts: their present texts, with a blank for each byte that went. docs: int64 [n],
    their places in `first`. gone, changed: bool [lines of `first`]; only changed lines are scanned. scope: of `docs`.
    """
    lines, rows = _taken(first, texts, docs)
    table, doc = lines.table, lines.table[:, DOC]
    _blank(table, gone[rows])
    again = np.flatnonzero(changed[rows] & ~gone[rows])
    place = np.full(len(gone), -1, np.int64)
    place[rows] = np.where(gone[rows] | changed[rows], -1, np.arange(len(rows)))
    hits = first.hits[place[first.hits[:, HIT_LINE]] >= 0]
    hits[:, HIT_LINE] = place[hits[:, HIT_LINE]]
    hits[:, [HIT_B0, HIT_B1]] += (texts.offsets[:-1] - first.texts.offsets[docs])[doc[hits[:, HIT_LINE]], None]
    if not len(again):
        return Reading(texts, lines, hits, {})
    new = _read_lines(texts, table, again, scope)
    slow: dict[int, set[int]] = {}
    for line, rules in new.slow.items():
        slow.setdefault(int(doc[again[line]]), set()).update(rules)
    return Reading(texts, lines, by_line(np.concatenate([hits, new.hits])), slow)


def _taken(first: Reading, texts: TextColumn, docs: Ints) -> tuple[Lines, Ints]:
    """The lines of `docs`, bytes and documents numbered as in `texts`; and which lines of `first` these are."""
    counts = first.lines.first[docs + 1] - first.lines.first[docs]
    bounds = np.concatenate(([0], np.cumsum(counts)))
    doc = np.repeat(np.arange(len(docs)), counts)
    rows = np.arange(bounds[-1]) + (first.lines.first[docs] - bounds[:-1])[doc]
    table = np.asfortranarray(first.lines.table[rows])
    table[:, DOC] = doc
    table[:, [RAW0, RAW1, B0, B1]] += (texts.offsets[:-1] - first.texts.offsets[docs])[doc, None]
    return Lines(table, bounds), rows


def _blank(table: Ints, gone: Bools) -> None:
    """Make rows of a line table those of blank lines."""
    table[gone, B0] = table[gone, B1] = table[gone, RAW0]
    table[gone, F0] = table[gone, F1] = table[gone, C0]
    table[gone, WORDS:HASH] = 0


def _read_lines(texts: TextColumn, table: Ints, rows: Ints, scope: Scope) -> Reading:
    """Read some lines of a column, each as a document of its own, into the line table. Hits are numbered as in the column."""
    raw = table[rows][:, [RAW0, RAW1]]
    column = TextColumn.from_bytes([texts.data[start:end].tobytes() for start, end in raw.tolist()])
    new = read(column, Lines.empty(column), Scope(scope.rules, scope.active, scope.profile[table[rows, DOC]]))
    shift = raw[:, 0] - column.offsets[:-1]
    table[rows, WORDS:] = new.lines.table[:, WORDS:]
    for byte, point in ((B0, F0), (B1, F1)):
        table[rows, byte] = new.lines.table[:, byte] + shift
        table[rows, point] = new.lines.table[:, point] + table[rows, C0]
    hits = new.hits.copy()
    hits[:, [HIT_B0, HIT_B1]] += shift[hits[:, HIT_LINE], None]
    hits[:, HIT_LINE] = rows[hits[:, HIT_LINE]]
    return Reading(texts, new.lines, hits, new.slow)


def scanned(texts: TextColumn, lines: Lines, scope: Scope) -> Ints:
    """Fill the line table; the hits of phrases, sorted by line."""
    trie, filters = scope.rules.search(scope.active)
    room = len(lines.table) + 1024
    while True:
        hits = np.empty((room, HIT_WIDTH), np.int64)
        found = scan(
            texts.data, texts.offsets, fold_table(), punctuation_table(), trie, scope.rules.symbols, filters,
            scope.active, scope.profile, lines.table, hits,
        )  # fmt: skip
        if found <= room:
            return hits[:found]
        room = found
