"""Reading the date and time out of one line, or saying why they cannot be read.

Owns: what decides between the readings of a written date. Must not know: rules, documents, which line this is.

Every date on a line is a set of days it may mean. Dates that stand together must share a day, the weekday must fit it,
and only then does the habit of the language (day before month) decide. What stays open, or contradicts itself, is
reported, never guessed.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from newsclean.fields.calendars import Calendar, days_of
from newsclean.fields.grammar import Clock, Named, Numeric, Part, parts_of
from newsclean.fields.names import DAY_FIRST, DOTTED, JALALI
from newsclean.fields.tokens import shape_of

AMBIGUOUS = "ambiguous-date"
CONTRADICTORY = "contradictory-date"
UNREADABLE = "unreadable-date"


class Date(NamedTuple):
    """A date that has been read. `iso` is Gregorian: YYYY-MM-DD, with THH:MM[:SS][+HH:MM] as far as stated.

    `written` is the same day as the source counts it, YYYY-MM-DD of `calendar`.
    """

    iso: str
    calendar: Calendar
    written: str


class DateLine(NamedTuple):
    """What one line says: its dates, or the flag that tells why it has none.

    `labelled` is true if the line calls `published` the date of publication.
    """

    published: Date | None
    updated: Date | None
    labelled: bool
    flag: str | None


_Written = tuple[Calendar, int, int, int]  # calendar, year, month, day
_Days = dict[int, _Written]  # the days one written date may mean, and how each is then written


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
    if len(figures) == 4:
        return (int(figures),)
    if len(figures) == 1:
        return ()
    if mark == "." and language in DOTTED:
        return (int(figures) + (2000 if figures < "70" else 1900),)  # as POSIX reads %y
    return tuple(century + int(figures) for century in (2000, 1900, 1400, 1300))


def _numeric(found: Numeric, values: list[Any], language: str | None, american: bool) -> tuple[_Days, int | None]:
    """The days a date in figures may mean, and the one it means by habit, if there is a habit.

    Where the year comes last the month may come first, but nobody writes other calendars than ours so.
    """
    first, second, third = values[found.first], values[found.second], values[found.third]
    era = None if found.era is None else values[found.era]
    day_first = language != "en" if found.mark == "." else language in DAY_FIRST and not american
    orders = [(third, second, first), (third, first, second), (first, second, third)]
    if len(first) == 4:
        orders, day_first = orders[2:], True
    elif len(third) == 4:
        orders = orders[:2]
    elif found.mark == "." and language in DOTTED:
        orders = orders[:1]
    else:
        day_first = False
    days: _Days = {}
    habit = None
    for order, (year_figures, month, day) in enumerate(orders):
        for year in _years(year_figures, found.mark, language):
            for calendar in _calendars(year, era, language):
                if order == 1 and calendar != "gregorian":
                    continue
                for number in days_of(calendar, year, int(month), int(day)):
                    days.setdefault(number, (calendar, year, int(month), int(day)))
        if order == 0 and day_first and len(days) == 1:
            (habit,) = days
    return days, habit


def _named(found: Named, values: list[Any]) -> _Days:
    year, day, months = int(values[found.year]), int(values[found.day]), values[found.month]
    if found.twin is not None:
        months = [month for month in months if month in values[found.twin]]
    ways = [(calendar, year, month, day) for calendar, month in months]
    return {number: way for way in ways for number in days_of(*way)}


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


def _day(part: Part, values: list[Any], language: str | None) -> tuple[int, _Written] | str:
    """The one day a part of a line names, or the flag that tells why there is none."""
    american = any(values[i] in ("AM", "PM") for i in part.halves)
    mentions: list[_Days] = []
    habits: set[int] = set()
    for found in part.dates:
        habit = None
        if isinstance(found, Named):
            days = _named(found, values)
        else:
            days, habit = _numeric(found, values, language, american)
        if days:
            mentions.append(days)
        if habit is not None:
            habits.add(habit)
    if not mentions:
        return UNREADABLE
    open_days = set(mentions[0]).intersection(*mentions[1:])
    if part.weekdays:
        weekdays = {day for i in part.weekdays for day in values[i]}
        open_days = {day for day in open_days if day % 7 in weekdays}
    if len(open_days) > 1:
        open_days &= habits or open_days
    if len(open_days) != 1:
        return AMBIGUOUS if open_days else CONTRADICTORY
    (number,) = open_days
    ways = [days[number] for days in mentions]
    return number, next((way for way in ways if way[0] != "gregorian"), ways[0])


def _read(part: Part, values: list[Any], language: str | None) -> Date | str:
    """The date of a part of a line with its time, or the flag that tells why there is none."""
    day = _day(part, values, language)
    if isinstance(day, str):
        return day
    number, (calendar, *written) = day
    iso = date.fromordinal(number).isoformat()
    times = {time for clock in part.clocks if (time := _time(clock, values))}
    stamp = iso + times.pop() if len(times) == 1 else iso
    return Date(stamp, calendar, iso if calendar == "gregorian" else "{:04d}-{:02d}-{:02d}".format(*written))


def read_date_line(text: str, language: str | None = None) -> DateLine:
    """The dates of one line, "updated" apart from "published".

    >>> line = read_date_line("30.11.2020 18:14 | Son Güncelleme: 01.12.2020 09:00", "tr")
    >>> line.published.iso, line.updated.iso
    ('2020-11-30T18:14', '2020-12-01T09:00')
    >>> read_date_line("03/04/2020").flag
    'ambiguous-date'
    """
    shape, values = shape_of(text, language)
    found: dict[str, Date] = {}
    flags = []
    for part in parts_of(shape):
        if part.label == "u" and not part.numbered and "" in found:
            found["u"] = found.pop("")  # the word stands behind its date
            continue
        reading = _read(part, values, language)
        if isinstance(reading, Date):
            found.setdefault(part.label, reading)
        elif reading is not UNREADABLE:
            flags.append(reading)
    published = found.get("p") or found.get("")
    flag = None if published or (found and not flags) else (flags or [UNREADABLE])[0]
    return DateLine(published, found.get("u"), "p" in found, flag)


def parse_date(text: str, language: str | None = None) -> Date | None:
    """The date a text states, that of publication before that of an update; None if it states none or leaves it open.

    >>> parse_date("تاریخ انتشار: ۱۸:۱۱ - ۱۵ آذر ۱۴۰۳ - 2024 December 05")
    Date(iso='2024-12-05T18:11', calendar='jalali', written='1403-09-15')
    >>> parse_date("منذ 5 ساعات") is None
    True
    """
    line = read_date_line(text, language)
    return line.published or line.updated
