"""Publication dates as numbers, for the window within which two texts may be copies.

Owns: reading dates whose meaning is plain. Must not know: languages, documents. A date that could be read in two ways
counts as unknown: a wrong day would keep copies apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
_ZONE = r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_NAMED = re.compile(
    rf"(?:[a-z]{{3}},\s*)?(\d{{1,2}})[\s-]([a-z]{{3}})[a-z]*[\s-](\d{{4}})(?:\s+{_CLOCK})?\s*{_ZONE}", re.I
)
_ISO = re.compile(rf"(\d{{4}})([-/.]?)(\d{{2}})\2(\d{{2}})(?:[T\s]+{_CLOCK})?\s*{_ZONE}", re.I)


def day(date: str | None) -> float:
    """Days since 1 January 1970 in UTC, with the time of day as a fraction; NaN if missing or not plain.

    Reads ISO 8601 and its loose forms, and dates with an English month name. No time means midnight, no zone UTC.

    >>> day("1970-01-02 06:00:00"), day("03-JAN-1970 12:00:00.79"), day("Fri, 2 Jan 1970 00:00:00 GMT")
    (1.25, 2.5, 1.0)
    >>> day("04/05/2021"), day("yesterday"), day(None)
    (nan, nan, nan)
    """
    text = (date or "").strip()
    if found := _ISO.fullmatch(text):
        year, _, month, day_, *clock, zone = found.groups(default="0")
    elif (found := _NAMED.fullmatch(text)) and found[2].lower() in _MONTHS:
        day_, name, year, *clock, zone = found.groups(default="0")
        month = str(_MONTHS.index(name.lower()) + 1)
    else:
        return float("nan")
    hour, minute, second = map(int, clock)
    try:
        moment = datetime(int(year), int(month), int(day_), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return float("nan")
    return (moment.timestamp() - _offset(zone)) / 86_400


def _offset(zone: str) -> int:
    """Seconds east of UTC of `+03:30` and the like; 0 for a name."""
    digits = zone[1:].replace(":", "")
    if not digits.isdigit():
        return 0
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if zone[0] == "-" else 1)


def days(dates: Iterable[str | None]) -> npt.NDArray[np.float64]:
    """`day` of each, float64 [n]."""
    return np.array([day(date) for date in dates], np.float64)
