"""Days of the Gregorian, Jalali and Hijri calendars as one count.

Owns: the arithmetic from (year, month, day) to a day number, and which days exist. Must not know: how dates are
written.

A day number is `datetime.date.toordinal()`: 1 is Monday, 1 January of year 1. `days_of` gives every day that a written
date can mean, because a Hijri date does not name one day: months begin when the moon is seen, country by country.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

Calendar = Literal["gregorian", "jalali", "hijri"]

# Years of the Thai Buddhist count, 543 ahead; nothing else in print carries such a year.
_BUDDHIST_YEARS = range(2400, 2600)
_BUDDHIST_LEAD = 543
_GREGORIAN_YEARS = range(1583, 2200)  # from the reform on
_JALALI_YEARS = range(1200, 1501)  # where the 33-year rule below gives the official calendar
_HIJRI_YEARS = range(1200, 1601)
_JALALI_EPOCH = 226_894  # day before 1 Farvardin of year 1
_HIJRI_EPOCH = 227_014  # day before 1 Muharram of year 1, civil (Friday) epoch
# Umm al-Qura of 1343-1500 lies two days before to one day after the tabular day, months by sighting a day later.
_HIJRI_SPREAD = 2


def jalali_is_leap(year: int) -> bool:
    """Whether Esfand of `year` has 30 days: eight leap years in 33, as ICU's `PersianCalendar` has it.

    Over the years read here this agrees with the breaks that Borkowski found for the astronomical calendar.

    >>> [year for year in range(1395, 1412) if jalali_is_leap(year)]
    [1395, 1399, 1403, 1408]
    """
    return (25 * year + 11) % 33 < 8


def _jalali_day(year: int, month: int, day: int) -> int | None:
    length = 31 if month <= 6 else 30 if month <= 11 or jalali_is_leap(year) else 29
    if year not in _JALALI_YEARS or not (1 <= month <= 12 and 1 <= day <= length):
        return None
    before = 31 * (month - 1) - max(0, month - 7)
    return _JALALI_EPOCH + 365 * (year - 1) + (8 * year + 21) // 33 + before + day


def _gregorian_day(year: int, month: int, day: int) -> int | None:
    if year in _BUDDHIST_YEARS:
        year -= _BUDDHIST_LEAD
    if year not in _GREGORIAN_YEARS:
        return None
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def _hijri_days(year: int, month: int, day: int) -> tuple[int, ...]:
    if year not in _HIJRI_YEARS or not (1 <= month <= 12 and 1 <= day <= 30):
        return ()
    tabular = _HIJRI_EPOCH + 354 * (year - 1) + (11 * year + 3) // 30 + (59 * (month - 1) + 1) // 2 + day
    return tuple(range(tabular - _HIJRI_SPREAD, tabular + _HIJRI_SPREAD + 1))


def days_of(calendar: Calendar, year: int, month: int, day: int) -> tuple[int, ...]:
    """The day numbers a written date may mean: one, five for a Hijri date, none if the calendar has no such day.

    >>> [date.fromordinal(n).isoformat() for n in days_of("jalali", 1403, 9, 15)]
    ['2024-12-05']
    >>> days_of("gregorian", 2023, 2, 29)
    ()
    """
    if calendar == "hijri":
        return _hijri_days(year, month, day)
    number = (_jalali_day if calendar == "jalali" else _gregorian_day)(year, month, day)
    return () if number is None else (number,)
