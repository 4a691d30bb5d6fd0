"""The grammar of date lines, over shapes: where in a line its dates, times, weekdays and labels stand.

Owns: the patterns. Must not know: the words behind the letters, which are those of `tokens`; what the dates mean.

A dump holds millions of date lines but few hundred shapes, so the patterns run once a shape, not once a line.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple


class Numeric(NamedTuple):
    """05/12/2024 or 2024-12-05: positions of the three numbers in the line's values."""

    first: int
    mark: str
    second: int
    third: int
    era: int | None


class Named(NamedTuple):
    """5 December 2024 in any order; `twin` is the month's second name (حزيران/يونيو)."""

    year: int
    month: int
    twin: int | None
    day: int


class Clock(NamedTuple):
    """A time of day; `half` is its am or pm, `offset` the sign and numbers of +03:00."""

    hour: int
    minute: int | None
    second: int | None
    half: int | None
    zone: int | None
    sign: str
    offset: tuple[int, ...]


class Part(NamedTuple):
    """The stretch of a line under one label: `p` published, `u` updated, "" before any label.

    Positions count from its start. `numbered` is true if a number of one or two figures stands in it; `decisive` are
    the positions that decide the day.
    """

    shape: str
    label: str
    numbered: bool
    dates: tuple[Numeric | Named, ...]
    clocks: tuple[Clock, ...]
    weekdays: tuple[int, ...]
    halves: tuple[int, ...]
    decisive: tuple[int, ...]


_BETWEEN = "[/,.-]{0,2}"
_DATE = re.compile(
    r"(?<!d:)(?:"  # not the minutes of a time
    r"(?P<first>[dy])(?P<mark>[/.-])(?P<second>d)(?P=mark)(?P<third>[dy])(?![:/-]d)(?:e\.?)?(?P<era>e)?"
    r"|(?P<first2>y)Y(?P<second2>d)M(?P<third2>d)D"
    rf"|(?<!d[-/])(?P<day>d){_BETWEEN}(?P<month>m)(?:{_BETWEEN}(?P<twin>m))?{_BETWEEN}(?P<year>y)(?!:d)"
    rf"|(?P<year2>y){_BETWEEN}(?P<month2>m){_BETWEEN}(?P<day2>d)(?!:d))"
    rf"|(?P<month3>m){_BETWEEN}(?P<day3>d){_BETWEEN}(?P<year3>y)(?!:d)"
)
_CLOCK = re.compile(
    r"(?P<zone0>z)?(?P<iso>t)?(?P<half0>A)?(?:"
    r"(?P<hour>d)[:h](?P<minute>d)(?::(?P<second>d)(?:[.,][dyn])?)?"
    r"|(?P<hour2>d)\.(?P<minute2>d)(?=[haAz])"  # with a dot only where something else tells that it is a time
    r"|(?:(?<=k)|(?<=k\.))(?P<hour3>d)\.(?P<minute3>d)"
    r"|(?P<hour4>d)(?=[haA])"
    r")h?(?P<half>[aA])?,?(?P<zone>z)?(?:(?P<sign>\+|(?<=z)-|(?(iso)-|(?!)))(?P<offset>d(?::d)?|y))?"
)
_LABEL = re.compile("[pu]")


def _at(match: re.Match[str], *names: str) -> int | None:
    """Where the first of these groups that took part in the match stands."""
    return next((match.start(name) for name in names if match[name]), None)


def _date(match: re.Match[str]) -> Numeric | Named:
    start = match.start
    if match["first"]:
        return Numeric(start("first"), match["mark"], start("second"), start("third"), _at(match, "era"))
    if match["first2"]:
        return Numeric(start("first2"), "-", start("second2"), start("third2"), None)
    order = "" if match["day"] else "2" if match["day2"] else "3"
    return Named(start("year" + order), start("month" + order), _at(match, "twin"), start("day" + order))


def _clock(match: re.Match[str], shape: str) -> Clock:
    hour = _at(match, "hour", "hour2", "hour3", "hour4")
    assert hour is not None  # one alternative matched
    return Clock(
        hour,
        _at(match, "minute", "minute2", "minute3"),
        _at(match, "second"),
        _at(match, "half", "half0"),
        _at(match, "zone", "zone0"),
        match["sign"] or "",
        tuple(i for i in range(*match.span("offset")) if shape[i] != ":"),
    )


@functools.lru_cache(maxsize=4096)
def part_of(shape: str) -> Part:
    """What stands where in one part of a line."""
    matches = list(_DATE.finditer(shape))
    rest = shape
    for match in matches:  # what is part of a date is no time
        rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    dates = tuple(map(_date, matches))
    weekdays = tuple(i for i, letter in enumerate(shape) if letter == "w")
    halves = tuple(i for i, letter in enumerate(shape) if letter in "aA")
    figures = (i for found in dates for i in found if isinstance(i, int))
    return Part(
        shape,
        shape[0] if shape[:1] in ("p", "u") else "",
        "d" in shape,
        dates,
        tuple(_clock(match, shape) for match in _CLOCK.finditer(rest)),
        weekdays,
        halves,
        (*figures, *weekdays, *halves),
    )


@functools.lru_cache(maxsize=4096)
def parts_of(shape: str) -> tuple[tuple[int, int, Part], ...]:
    """(start, end, part) of the parts of a line in order.

    >>> [(part.label, len(part.dates), len(part.clocks)) for _, _, part in parts_of("d.d.yd:dud.d.yd:d")]
    [('', 1, 1), ('u', 1, 1)]
    """
    cuts = [match.start() for match in _LABEL.finditer(shape)]
    bounds = zip([0, *cuts], [*cuts, len(shape)], strict=True)
    return tuple((start, end, part_of(shape[start:end])) for start, end in bounds if end > start)
