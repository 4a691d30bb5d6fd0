"""What only a closer look at single lines can tell: regular expressions and detectors.

Owns: which lines get that look (few), and the time limit of a pattern. Must not know: what the rules then do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from newsclean.fold import fold_table
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
from newsclean.kernels.words import date_lines, find_symbols
from newsclean.lines import B0, B1, DIGITS, DOC, F0, F1, LAST, QUESTION, RAW0, SIZE, STOP, STOPS, WORDS, Lines
from newsclean.rules.compile import ACTION, ACTION_NUMBER, MATCHED, MAX, NEAR, CompiledRules
from newsclean.text import TextColumn

Ints = npt.NDArray[np.int64]
Active = npt.NDArray[np.uint8]

PREFIX, SUFFIX, FIELD = (ACTION_NUMBER[name] for name in ("prefix", "suffix", "field"))
TIME_LIMIT = 0.05  # seconds for one pattern on one line; a sane pattern takes microseconds
_WINDOW = 600  # bytes at the start or end of a line in which a prefix or suffix is looked for
_LONGEST_DATE_LINE = 90
_MOST_DATE_LINES = 4  # of one document: the top bar, the article, its update, the print date
_TICKER = 300  # SIZE from which one line without a full stop may be a run of headlines
_SPACED_TICKER = 80  # the same where four blanks set the headlines apart, as one family of sites prints them
_GAP, _GAPS = "    ", 3
_TITLE = 170
_SENTENCES = 3


def match_patterns(
    texts: TextColumn, lines: Lines, hits: Ints, rules: CompiledRules, active: Active, profile: Ints, languages: Ints
) -> tuple[Ints, dict[int, set[int]], npt.NDArray[np.bool_]]:
    """Add what patterns and detectors find to the hits of phrases, sorted by line.

    languages: int64 [documents], the bits of the languages whose date words count. Also returns the rules, by document,
    that had a pattern cut off at its time limit, and bool [documents], where a detector spared a line for what stands
    around it.
    """
    found: list[tuple[int, int, int, int]] = []
    slow: dict[int, set[int]] = {}
    for line, rule in _candidates(texts, lines, hits, rules, active, profile):
        try:
            span = _match(texts, lines.table[line], rules, rule)
        except TimeoutError:
            slow.setdefault(int(lines.table[line, DOC]), set()).add(rule)
            continue
        if span:
            found.append((line, rule, *span))
    withheld = np.zeros(len(texts), np.bool_)
    found.extend(_detected(texts, lines, rules, active, profile, languages, withheld))
    if not found:
        return hits, slow, withheld
    made = np.zeros((len(found), HIT_WIDTH), np.int64)
    made[:, [HIT_LINE, HIT_RULE, HIT_B0, HIT_B1]] = found
    made[:, HIT_KIND] = MATCHED
    made[:, HIT_FIRST] = made[:, HIT_LAST] = 1
    every = np.concatenate([hits, made])
    return every[np.argsort(every[:, HIT_LINE], kind="stable")], slow, withheld


def _candidates(
    texts: TextColumn, lines: Lines, hits: Ints, rules: CompiledRules, active: Active, profile: Ints
) -> Iterator[tuple[int, int]]:
    """The (line, rule) pairs for which a pattern is tried: a literal of it stands there, or the line has its shape."""
    table = lines.table
    near = hits[hits[:, HIT_KIND] == NEAR]
    row, rule = table[near[:, HIT_LINE]], rules.table[near[:, HIT_RULE]]
    fits = (rule[:, MAX] == 0) | (row[:, F1] - row[:, F0] <= rule[:, MAX])
    at_start = (rule[:, ACTION] == PREFIX) | (rule[:, ACTION] == FIELD)
    fits &= ~at_start | (near[:, HIT_B0] - row[:, B0] <= _WINDOW)
    fits &= (rule[:, ACTION] != SUFFIX) | (row[:, B1] - near[:, HIT_B1] <= _WINDOW)
    licensed = {(line, number) for line, number in near[fits][:, [HIT_LINE, HIT_RULE]].tolist()}
    licensed.update(_symbols(texts, lines, rules, active, profile))
    yield from sorted(licensed)
    if not rules.shaped:
        return
    short = np.flatnonzero((table[:, F1] - table[:, F0] <= rules.longest_shape) & (table[:, WORDS] > 0))
    length, digits = table[short, F1] - table[short, F0], table[short, DIGITS]
    profiles = profile[table[short, DOC]]
    for number in rules.shaped:
        shape = rules.book.rules[number]
        fits = (length <= shape.max) & (length >= shape.min) & (digits >= shape.digits)
        fits &= (active[:, number] > 0)[profiles]
        for line in short[fits].tolist():
            yield line, number


def _symbols(
    texts: TextColumn, lines: Lines, rules: CompiledRules, active: Active, profile: Ints
) -> Iterator[tuple[int, int]]:
    """Where the symbols stand that license a pattern."""
    wanted = [(rule, symbol) for rule, symbol in rules.symbols if active[:, rule].any()]
    if not wanted:
        return
    table = lines.table
    begins, lengths = np.zeros(256, np.bool_), np.array([len(symbol) for _, symbol in wanted], np.int64)
    begins[[symbol[0] for _, symbol in wanted]] = True
    padded = np.zeros((len(wanted), int(lengths.max())), np.uint8)
    for row, (_, symbol) in zip(padded, wanted, strict=True):
        row[: len(symbol)] = list(symbol)
    found = find_symbols(texts.data, begins, padded, lengths)
    numbers = np.array([rule for rule, _ in wanted])
    rows = np.searchsorted(table[:, RAW0], found[:, 0], side="right") - 1
    pairs = np.unique(np.column_stack((rows, numbers[found[:, 1]])), axis=0)
    rows, rule = pairs[:, 0], pairs[:, 1]
    limit = rules.table[rule, MAX]
    fits = (limit == 0) | (table[rows, F1] - table[rows, F0] <= limit)
    fits &= active[profile[table[rows, DOC]], rule] > 0
    yield from map(tuple, pairs[fits].tolist())


def _match(texts: TextColumn, line: Ints, rules: CompiledRules, rule: int) -> tuple[int, int] | None:
    """The bytes that a pattern of the rule matches in a line, anchored as the action says."""
    action = rules.book.rules[rule].action
    start, end = int(line[B0]), int(line[B1])
    if action in ("prefix", "field"):
        end = min(end, start + _WINDOW)
    elif action == "suffix":
        start = max(start, end - _WINDOW)
    text = texts.data[start:end].tobytes().decode(errors="ignore")  # a window may begin or end inside a character
    for pattern in rules.patterns(rule):
        match = anchored(pattern, text, action)
        if match and match.end() > match.start():
            if action == "suffix":
                return end - len(text[match.start() :].encode()), end
            group = "value" if action == "field" and "value" in pattern.groupindex else 0
            return start + len(text[: match.start(group)].encode()), start + len(text[: match.end(group)].encode())
    return None


def anchored(pattern: Any, text: str, action: str, limit: float = TIME_LIMIT) -> Any:
    """The match of a pattern in a line, where the action wants it. Raises TimeoutError after `limit` seconds."""
    if action in ("prefix", "field"):
        return pattern.match(text, timeout=limit)
    if action == "span":
        return pattern.search(text, timeout=limit)
    if action == "suffix":
        tries = pattern.finditer(text, overlapped=True, timeout=limit)
        return next((match for match in tries if match.end() == len(text)), None)
    return pattern.fullmatch(text, timeout=limit)


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
    table = lines.table
    rows = np.flatnonzero(
        (table[:, SIZE] >= _SPACED_TICKER)
        & (table[:, STOPS] <= 1)
        & (table[:, LAST] != STOP)
        & (table[:, LAST] != QUESTION)
    )
    rows = np.array([row for row in rows.tolist() if _is_run(texts, table[row])], np.int64)
    opens = np.array([_opens_document(lines, row) for row in rows.tolist()], np.bool_)
    return rows[opens], rows[~opens]


def _is_run(texts: TextColumn, line: Ints) -> bool:
    text = texts.data[line[B0] : line[B1]].tobytes().decode()
    if text.count(_GAP) >= _GAPS:
        return True
    # Headlines have few commas; a story written without full stops has one every twenty words.
    return bool(line[SIZE] >= _TICKER) and sum(map(text.count, ",،、")) * 250 <= len(text)


def _opens_document(lines: Lines, row: int) -> bool:
    """Whether a line stands among the first, with a title and prose behind it."""
    table = lines.table
    doc = int(table[row, DOC])
    start, stop = int(lines.first[doc]), int(lines.first[doc + 1])
    if (table[start:row, WORDS] > 0).sum() > 2:
        return False
    behind = table[row + 1 : stop]
    behind = behind[behind[:, WORDS] > 0]
    title_follows = len(behind) > 1 and behind[0, SIZE] <= _TITLE and behind[0, LAST] != STOP
    # Some prose has no full stops at all; only beside a story that has them does their absence tell anything.
    return bool(title_follows and behind[:, STOPS].sum() >= _SENTENCES)
