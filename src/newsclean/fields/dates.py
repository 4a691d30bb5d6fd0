"""Reading the date and time out of one line, or saying why they cannot be read.

Owns: what decides between the readings of a written date. Must not know: rules, documents, which line this is.

Every date on a line is a set of days it may mean. Dates that stand together must share a day, the weekday must fit it,
and only then does the habit of the language (day before month) decide. What stays open, or contradicts itself, is
reported, never guessed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from newsclean.fields.calendars import Calendar, days_of
from newsclean.fields.grammar import Clock, Named, Part, part_of, parts_of
from newsclean.fields.names import DAY_FIRST, DOTTED, JALALI, RELATIVE_WORDS
from newsclean.fields.tokens import shape_of
from newsclean.fold import fold

AMBIGUOUS = "ambiguous-date"
CONTRADICTORY = "contradictory-date"
UNREADABLE = "unreadable-date"
RELATIVE = "relative-date"

_LONGEST_LINE = 400  # what stands behind so much text is no date of the line


class Date(NamedTuple):
    """A date that has been read. `iso` is Gregorian: YYYY-MM-DD, with THH:MM[:SS][+HH:MM] as far as stated.

    `written` is the same day as the source counts it, YYYY-MM-DD of `calendar`.
    """

    iso: str
    calendar: Calendar
    written: str


class DateLine(NamedTuple):
    """What one line says: its dates, or the flag that tells why it has none.

    `labelled` is true if the line calls `published` the date of publication, `update` if it speaks of an update, though
    perhaps of one whose date cannot be read.
    """

    published: Date | None
    updated: Date | None
    labelled: bool
    flag: str | None
    update: bool = False


class _Mention(NamedTuple):
    """One written date: the days it may mean, each with how it is then written, and the one that habit would choose."""

    days: Mapping[int, tuple[Calendar, int, int, int]]
    habit: int | None


def _calendars(year: int, era: Calendar | None, language: str | None) -> tuple[Calendar, ...]:
    """The calendars a year may be counted in where no month name tells.

    Hijri 1410 began in 1989, Jalali 1410 in 2031: a page of the web that prints an earlier year means the Jalali one.
    """
    if year > 1600:
        return ("gregorian",)
    if era:
        return (era,)
    if language in JALALI or (language is None and year < 1410):
        return ("jalali",)
    return ("jalali", "hijri") if year < 1410 else ("hijri",)


def _years(figures: str, mark: str, language: str | None) -> tuple[int, ...]:
    """The years that two or four figures may mean; centuries as POSIX reads %y."""
    if len(figures) == 4:
        return (int(figures),)
    if len(figures) == 1:
        return ()
    gregorian = int(figures) + (2000 if figures < "70" else 1900)
    if language not in JALALI and (language is not None or mark == "."):
        return (gregorian,)
    return gregorian, int(figures) + (1400 if figures < "50" else 1300)


def _numeric(
    first: str, mark: str, second: str, third: str, era: Calendar | None, language: str | None, american: bool
) -> _Mention:
    """A date in figures. If the year is last the month may be first, but in the Gregorian calendar only."""
    if mark == ".":
        day_first = language != "en"  # CLDR has dots for day first only, but English pages use both
    else:
        day_first = not american and (language in DAY_FIRST or (mark == "-" and language in DOTTED))
    orders = [(third, second, first), (third, first, second), (first, second, third)]
    if len(first) == 4:
        orders, day_first = orders[2:], True
    elif len(third) == 4:
        orders = orders[:2]
    elif mark == "." and language in DOTTED:
        orders = orders[:1]
    else:
        day_first = False
    days: dict[int, tuple[Calendar, int, int, int]] = {}
    habit = None
    for order, (year_figures, month, day) in enumerate(orders):
        for year in _years(year_figures, mark, language):
            for calendar in _calendars(year, era, language):
                if order != 1 or calendar == "gregorian":
                    written = (calendar, year, int(month), int(day))
                    days = dict.fromkeys(days_of(*written), written) | days
        if order == 0 and day_first and len(days) == 1:
            (habit,) = days
    return _Mention(days, habit)


def _named(year: str, months: tuple[tuple[Calendar, int], ...], day: str) -> _Mention:
    ways = [(calendar, int(year), month, int(day)) for calendar, month in months]
    return _Mention({number: way for way in ways for number in days_of(*way)}, None)


def _mentions(part: Part, values: Mapping[int, Any], language: str | None) -> Iterator[_Mention]:
    american = any(values[i] in ("AM", "PM") for i in part.halves)
    for found in part.dates:
        if isinstance(found, Named):
            months = values[found.month]
            if found.twin is not None:
                months = tuple(month for month in months if month in values[found.twin])
            yield _named(values[found.year], months, values[found.day])
        else:
            era = None if found.era is None else values[found.era]
            figures = values[found.first], found.mark, values[found.second], values[found.third]
            yield _numeric(*figures, era, language, american)


# The days of a dump are few beside its date lines, and settling one costs more than looking it up.
@functools.lru_cache(maxsize=65536)
def _day(shape: str, decisive: tuple[Any, ...], language: str | None) -> tuple[str, Calendar, str] | str:
    """(ISO 8601, calendar, as written) of the day a part of a line names, or the flag that tells why there is none."""
    part = part_of(shape)
    values = dict(zip(part.decisive, decisive, strict=True))
    mentions = [mention for mention in _mentions(part, values, language) if mention.days]
    if not mentions:
        return UNREADABLE
    days = set(mentions[0].days).intersection(*(mention.days for mention in mentions))
    if part.weekdays:
        days = {day for day in days if day % 7 in {weekday for i in part.weekdays for weekday in values[i]}}
    if len(days) > 1:
        days &= {mention.habit for mention in mentions if mention.habit} or days
    if len(days) != 1:
        return AMBIGUOUS if days else CONTRADICTORY
    (number,) = days
    ways = [mention.days[number] for mention in mentions]
    calendar, year, month, day = next((way for way in ways if way[0] != "gregorian"), ways[0])
    iso = date.fromordinal(number).isoformat()
    return iso, calendar, iso if calendar == "gregorian" else f"{year:04d}-{month:02d}-{day:02d}"


def _hour(stated: int, half: str | None) -> int | None:
    """The hour of 24, None if the time of day contradicts it."""
    half = half and half.lower()
    if half is None or (half == "pm" and stated >= 12):
        return stated if stated < 24 else None
    if stated > 12 or (stated == 0 and half != "am"):
        return None
    if half == "am":
        return stated % 12
    if half == "noon":
        return stated + 12 if stated < 6 else stated
    if half == "night":
        return (stated + 12) % 24 if stated >= 6 else stated
    return stated + 12


def _offset(clock: Clock, values: list[Any]) -> str:
    """+HH:MM, or nothing if no zone is stated."""
    if clock.zone is None and not clock.offset:
        return ""
    minutes = 0 if clock.zone is None else values[clock.zone]
    if clock.offset:
        figures = "".join(values[i].zfill(2) for i in clock.offset).ljust(4, "0")
        minutes += (-1 if clock.sign == "-" else 1) * (int(figures[:2]) * 60 + int(figures[2:]))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _time(clock: Clock, values: list[Any]) -> str | None:
    """THH:MM[:SS][+HH:MM], None if it is no time of day."""
    hour = _hour(int(values[clock.hour]), None if clock.half is None else values[clock.half])
    minute = "00" if clock.minute is None else values[clock.minute]
    second = "" if clock.second is None else ":" + values[clock.second]
    if hour is None or len(minute) != 2 or minute > "59" or (second and not ":00" <= second <= ":59"):
        return None
    return f"T{hour:02d}:{minute}{second}{_offset(clock, values)}"


def _read(part: Part, values: list[Any], language: str | None) -> Date | str:
    """The date of a part of a line with its time, or the flag that tells why there is none."""
    if not part.dates:
        return UNREADABLE
    day = _day(part.shape, tuple([values[i] for i in part.decisive]), language)
    if isinstance(day, str):
        return day
    iso, calendar, written = day
    times = {time for clock in part.clocks if (time := _time(clock, values))}
    return Date(iso + times.pop() if len(times) == 1 else iso, calendar, written)


def _is_relative(text: str) -> bool:
    """Whether a line counts from a time that it does not tell: five hours ago, yesterday."""
    folded = f" {fold(text[:_LONGEST_LINE])} "
    return any(word in folded for word in _relative_words())


@functools.cache
def _relative_words() -> tuple[str, ...]:
    """The words between blanks, but for scripts that have none between words."""
    words = [fold(word) for word in RELATIVE_WORDS.split(",")]
    return tuple(word if word[0] >= "\u0e00" else f" {word} " for word in words)


def read_date_line(text: str, language: str | None = None) -> DateLine:
    """The dates of one line, "updated" apart from "published".

    >>> line = read_date_line("30.11.2020 18:14 | Son Güncelleme: 01.12.2020 09:00", "tr")
    >>> line.published.iso, line.updated.iso
    ('2020-11-30T18:14', '2020-12-01T09:00')
    >>> read_date_line("03/04/2020").flag
    'ambiguous-date'
    """
    language = language or None
    shape, values = shape_of(text[:_LONGEST_LINE], language)
    found: dict[str, Date] = {}
    flags, update = [], False
    for start, end, part in parts_of(shape):
        update |= part.label == "u"
        if part.label == "u" and not part.numbered and "" in found:
            found["u"] = found.pop("")  # the word stands behind its date
            continue
        reading = _read(part, values[start:end], language)
        if isinstance(reading, Date):
            found.setdefault(part.label, reading)
        elif reading is not UNREADABLE:
            flags.append(reading)
    published = found.get("p") or found.get("")
    flag = None if published or (found and not flags) else (flags or [RELATIVE if _is_relative(text) else UNREADABLE])[0]
    return DateLine(published, found.get("u"), "p" in found, flag, update)


def parse_date(text: str, language: str | None = None) -> Date | None:
    """The date a text states, that of publication before that of an update; None if it states none or leaves it open.

    >>> parse_date("تاریخ انتشار: ۱۸:۱۱ - ۱۵ آذر ۱۴۰۳ - 2024 December 05")
    Date(iso='2024-12-05T18:11', calendar='jalali', written='1403-09-15')
    >>> parse_date("منذ 5 ساعات") is None
    True
    """
    line = read_date_line(text, language)
    return line.published or line.updated
