"""What only a closer look at single lines can tell: regular expressions and detectors.

Owns: which lines get that look (few), and the time limit of a pattern. Must not know: what the rules then do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from time import thread_time

import numpy as np
import numpy.typing as npt

from newsclean.fold import fold_table
from newsclean.kernels.detect import date_lines, headline_runs
from newsclean.kernels.lines import (
    HIT_B0,
    HIT_B1,
    HIT_FIRST,
    HIT_KIND,
    HIT_LAST,
    HIT_LINE,
    HIT_RULE,
    HIT_WIDTH,
)  # fmt: skip
from newsclean.lines import B0, B1, DIGITS, DOC, F0, F1, SIZE, WORDS, Lines
from newsclean.rules.compile import ACTION, ACTION_NUMBER, MATCHED, MAX, NEAR, CompiledRules
from newsclean.text import TextColumn

Ints = npt.NDArray[np.int64]
Active = npt.NDArray[np.uint8]

PREFIX, SUFFIX, FIELD = (ACTION_NUMBER[name] for name in ("prefix", "suffix", "field"))
_WINDOW = 600  # bytes at the start or end of a line in which a prefix or suffix is looked for
_LONGEST_DATE_LINE = 90
_TIMED = 20  # lines between two looks at the clock
_MOST_DATE_LINES = 4  # of one document: the top bar, the article, its update, the print date


def match_patterns(
    texts: TextColumn, lines: Lines, hits: Ints, rules: CompiledRules, active: Active, profile: Ints
) -> tuple[Ints, dict[int, set[int]]]:
    """Add what patterns match to the hits of phrases, sorted by line.

    Also returns the rules, by document, that had a pattern cut off at its time limit.
    """
    slow: dict[int, set[int]] = {}
    rows, numbers = _candidates(lines, hits, rules, active, profile)
    return _with(hits, list(_matched(texts, lines, rules, rows, numbers, slow))), slow


def detect(
    texts: TextColumn, lines: Lines, hits: Ints, rules: CompiledRules, active: Active, profile: Ints, languages: Ints
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Add what detectors find, which look at whole documents, to the other hits, sorted by line.

    languages: int64 [documents], the bits of the languages whose date words count. Also returns bool [documents], where a
    detector spared a line for what stands around it.
    """
    withheld = np.zeros(len(texts), np.bool_)
    return _with(hits, list(_detected(texts, lines, rules, active, profile, languages, withheld))), withheld


def _with(hits: Ints, found: Sequence[tuple[int, int, int, int]]) -> Ints:
    """The hits and what was found besides, as (line, rule, byte, byte), sorted by line."""
    if not found:
        return hits
    made = np.zeros((len(found), HIT_WIDTH), np.int64)
    made[:, [HIT_LINE, HIT_RULE, HIT_B0, HIT_B1]] = found
    made[:, HIT_KIND] = MATCHED
    made[:, HIT_FIRST] = made[:, HIT_LAST] = 1
    return by_line(np.concatenate([hits, made]))


def by_line(hits: Ints) -> Ints:
    """The hits sorted by line."""
    return hits[np.argsort(hits[:, HIT_LINE], kind="stable")]


def _candidates(
    lines: Lines, hits: Ints, rules: CompiledRules, active: Active, profile: Ints
) -> tuple[Ints, Ints]:
    """The lines and rules for which a pattern is tried: a literal of it stands there, or the line has its shape."""
    table = lines.table
    near = hits[hits[:, HIT_KIND] == NEAR]
    row, rule = table[near[:, HIT_LINE]], rules.table[near[:, HIT_RULE]]
    fits = (rule[:, MAX] == 0) | (row[:, F1] - row[:, F0] <= rule[:, MAX])
    at_start = (rule[:, ACTION] == PREFIX) | (rule[:, ACTION] == FIELD)
    fits &= ~at_start | (near[:, HIT_B0] - row[:, B0] <= _WINDOW)
    fits &= (rule[:, ACTION] != SUFFIX) | (row[:, B1] - near[:, HIT_B1] <= _WINDOW)
    count = len(rules.table)
    tried = [near[fits, HIT_LINE] * count + near[fits, HIT_RULE]]
    if rules.shaped:
        short = np.flatnonzero((table[:, F1] - table[:, F0] <= rules.longest_shape) & (table[:, WORDS] > 0))
        length, digits = table[short, F1] - table[short, F0], table[short, DIGITS]
        profiles = profile[table[short, DOC]]
        for number in rules.shaped:
            shape = rules.book.rules[number]
            fits = (length <= shape.max) & (length >= shape.min) & (digits >= shape.digits)
            tried.append(short[fits & (active[:, number] > 0)[profiles]] * count + number)
    return np.divmod(np.unique(np.concatenate(tried)), count)


def time_patterns(
    texts: TextColumn, lines: Lines, hits: Ints, rules: CompiledRules, active: Active, profile: Ints,
    wanted: Iterable[int], limit: float,
) -> dict[int, tuple[int, float]]:  # fmt: skip
    """For each rule of `wanted` that is tried on a line, on how many it is, and the seconds that takes.

    hits: of phrases. Ends soon after `limit` seconds are spent.
    """
    rows, numbers = _candidates(lines, hits, rules, active, profile)
    spent: dict[int, tuple[int, float]] = {}
    for number in wanted:
        mine, tried, seconds = rows[numbers == number], 0, 0.0
        while tried < len(mine) and limit > 0:
            some = mine[tried : tried + _TIMED]
            start = thread_time()
            for _ in _matched(texts, lines, rules, some, np.full(len(some), number), {}):
                pass
            took = thread_time() - start
            tried, seconds, limit = tried + len(some), seconds + took, limit - took
        if tried:
            spent[number] = tried, seconds
    return spent


def _windows(data: npt.NDArray[np.uint8], table: Ints, actions: Ints) -> tuple[Ints, Ints]:
    """The bytes of each line that a pattern is shown, by the action of its rule. The last character may be cut."""
    start, end = table[:, B0], table[:, B1]
    at_start = (actions == PREFIX) | (actions == FIELD)
    start = np.where(actions == SUFFIX, np.maximum(start, end - _WINDOW), start)
    for _ in range(3):
        start += (data[start] & 0xC0) == 0x80
    return start, np.where(at_start, np.minimum(end, start + _WINDOW), end)


def _matched(
    texts: TextColumn, lines: Lines, rules: CompiledRules, rows: Ints, numbers: Ints, slow: dict[int, set[int]]
) -> Iterator[tuple[int, int, int, int]]:
    """Where the patterns of rules match in lines: (line, rule, byte, byte). Patterns cut off are noted in `slow`."""
    starts, ends = _windows(texts.data, lines.table[rows], rules.table[numbers, ACTION])
    view = texts.data.data
    for line, rule, start, end in zip(*(a.tolist() for a in (rows, numbers, starts, ends)), strict=True):
        text = str(view[start:end], "utf-8", "ignore")
        pattern = rules.pattern(rule)
        try:
            match = pattern.match(text)
        except TimeoutError:
            slow.setdefault(int(lines.table[line, DOC]), set()).add(rule)
            continue
        if match and match.end() > match.start():
            first, last = match.span(pattern.group)
            b0 = start + len(text[:first].encode()) if first else start
            yield line, rule, b0, end if last == len(text) else b0 + len(text[first:last].encode())


def _detected(
    texts: TextColumn, lines: Lines, rules: CompiledRules, active: Active, profile: Ints, languages: Ints,
    withheld: npt.NDArray[np.bool_],
) -> Iterator[tuple[int, int, int, int]]:  # fmt: skip
    table = lines.table
    for name, find in (("date-line", _date_lines), ("headline-run", _headline_runs)):
        numbers = rules.detectors.get(name)
        if not numbers:
            continue
        rows, spared = find(texts, lines, rules, languages)
        withheld[table[spared, DOC]] = True
        for row in rows.tolist():
            for rule in numbers:
                if active[profile[table[row, DOC]], rule]:
                    yield row, rule, int(table[row, B0]), int(table[row, B1])


def _date_lines(texts: TextColumn, lines: Lines, rules: CompiledRules, languages: Ints) -> tuple[Ints, Ints]:
    """The lines made of a date, and those spared because their document is full of them."""
    table = lines.table
    rows = np.flatnonzero((table[:, DIGITS] > 0) & (table[:, SIZE] <= _LONGEST_DATE_LINE))
    found = np.zeros(len(rows), np.bool_)
    date_lines(texts.data, table, rows, languages[table[rows, DOC]], fold_table(), *rules.date_words, found)
    rows = rows[found]
    # A programme or a timetable is full of dates, and is content.
    many = np.bincount(table[rows, DOC], minlength=len(texts))[table[rows, DOC]] > _MOST_DATE_LINES
    return rows[~many], rows[many]


def _headline_runs(texts: TextColumn, lines: Lines, rules: CompiledRules, languages: Ints) -> tuple[Ints, Ints]:
    """Long first lines made of headlines, and those spared because no title and story follow."""
    opens, elsewhere = np.zeros(len(lines.table), np.bool_), np.zeros(len(lines.table), np.bool_)
    headline_runs(texts.data, lines.table, lines.first, opens, elsewhere)
    return np.flatnonzero(opens), np.flatnonzero(elsewhere)
