"""Publication dates as numbers, for the window within which two texts may be copies.

Owns: the scale. Must not know: how dates are written (that is `fields`). A date that can be read in two ways counts as
unknown: a wrong day would keep copies apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from newsclean.fields.dates import parse_date

_SECONDS = 86_400.0
_MINUTES = 1440


def day(date: str | None) -> float:
    """Days since 1 January 1970 in UTC, with the time of day as a fraction; NaN if missing or not plain.

    No time means midnight, no zone UTC.

    >>> day("1970-01-02 06:00:00"), day("03-JAN-1970 12:00:00.79"), day("Fri, 2 Jan 1970 03:00:00 +0300")
    (1.25, 2.5, 1.0)
    >>> day("04/05/2021"), day("yesterday"), day(None)
    (nan, nan, nan)
    """
    if not date:
        return float("nan")
    try:
        moment = datetime.fromisoformat(date.strip())
    except ValueError:
        found = parse_date(date)
        if found is None:
            return float("nan")
        moment = datetime.fromisoformat(found.iso)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / _SECONDS


def moments(days: npt.NDArray[np.float64]) -> list[str]:
    """The way back, as ISO 8601 in UTC to the minute; midnight is the day alone, what is not finite empty.

    >>> moments(np.array([1.25, day("2024-05-01"), day(None), np.inf]))
    ['1970-01-02T06:00Z', '2024-05-01', '', '']
    """
    known = np.isfinite(days)
    told = np.datetime_as_string(np.rint(np.where(known, days, 0) * _MINUTES).astype("datetime64[m]")).tolist()
    short = [at[:10] if at.endswith("T00:00") else at + "Z" for at in told]
    return [at if is_known else "" for at, is_known in zip(short, known.tolist(), strict=True)]


def days(dates: Iterable[str | None]) -> npt.NDArray[np.float64]:
    """`day` of each, float64 [n]."""
    return np.array([day(date) for date in dates], np.float64)
