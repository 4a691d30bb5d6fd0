"""Copies in numbers: how many there are of a story, who had it first, who carried it how much later, how alike they are.

Owns: these counts, in one pass over the documents and one over the duplicates of a run. Must not know: pages, texts.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan
from statistics import median
from typing import Any

from newsclean.dedup.days import day

_LARGEST, _NEAREST, _MEMBERS = 20, 12, 60
BINS = 20
SIZES = ("2", "3", "4", "5", "6-10", "11-20", "21-50", "51+")
_SIZE_UP_TO = (2, 3, 4, 5, 10, 20, 50)
LAGS = ("same", "10 min", "1 h", "3 h", "6 h", "12 h", "1 day", "2 days", "more")
_LAG_UP_TO = (0, 10, 60, 180, 360, 720, 1440, 2880)  # minutes


@dataclass(slots=True)
class Origin:
    """A source, in stories: all it carried, those that others carried too and it had first, or later."""

    stories: int = 0
    first: int = 0
    later: int = 0
    own_copies: int = 0


@dataclass(slots=True)
class Flow:
    """Stories that one source had first and another carried later, and how many days later each."""

    first: str
    then: str
    days: array[float] = field(default_factory=lambda: array("d"))

    @property
    def median(self) -> float:
        return median(self.days)


@dataclass(slots=True)
class Copies:
    """sizes, lags: clusters and copies by SIZES and LAGS. largest: the records of the largest clusters' kept documents."""

    sizes: Counter[str] = field(default_factory=Counter)
    lags: Counter[str] = field(default_factory=Counter)
    origins: dict[str, Origin] = field(default_factory=lambda: defaultdict(Origin))
    flows: dict[tuple[str, str], Flow] = field(default_factory=dict)
    _heap: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    _seen: int = 0

    def add(self, record: dict[str, Any]) -> None:
        """Count one record of `documents`."""
        self._seen += 1
        members, n = record["sources"], record["copies"]
        names = [name_of(member) for member in members]
        for name in set(names):
            self.origins[name].stories += 1
        if n == 1:
            return
        self.sizes[_label(SIZES, _SIZE_UP_TO, n)] += 1
        for name, times in Counter(names).items():
            self.origins[name].own_copies += times - 1
        self._add_flows(names, [day(member.get("published")) for member in members])
        _keep(self._heap, (n, -self._seen, record), _LARGEST)

    def _add_flows(self, names: list[str], days: list[float]) -> None:
        """Each source counts once in a story, with its earliest copy; copies without a date tell nothing of who was first."""
        earliest: dict[str, float] = {}
        for name, when in zip(names, days, strict=True):
            if not isnan(when):
                earliest[name] = min(when, earliest.get(name, when))
        ordered = sorted(earliest.items(), key=lambda item: (item[1], item[0]))
        if len(ordered) < 2:
            return
        (first, began), *others = ordered
        self.origins[first].first += 1
        for name, when in others:
            self.origins[name].later += 1
            self.lags[_label(LAGS, _LAG_UP_TO, round((when - began) * 1440, 2))] += 1
            self.flows.setdefault((first, name), Flow(first, name)).days.append(when - began)

    def largest(self) -> Iterator[dict[str, Any]]:
        """Clusters, the largest first: id, text, copies, and its members by date with their delay in days (NaN: unknown)."""
        for n, _, record in sorted(self._heap, key=lambda entry: (-entry[0], -entry[1])):
            dated = [(day(member.get("published")), member) for member in record["sources"]]
            began = min((when for when, _ in dated if not isnan(when)), default=float("nan"))
            dated.sort(key=lambda entry: (isnan(entry[0]), entry[0]))
            members = [
                {"url": None, "published": None, **member, "name": name_of(member), "delay": when - began}
                for when, member in dated[:_MEMBERS]
            ]
            yield {"record": record, "copies": n, "members": members, "more": n - len(members)}


@dataclass(slots=True)
class Likeness:
    """How alike the copies of a run are to what they are copies of.

    covered, jaccard: duplicates by bin, BINS of equal width from 0 to 1. nearest: those that are copies by the least margin.
    """

    covered: list[int] = field(default_factory=lambda: [0] * BINS)
    jaccard: list[int] = field(default_factory=lambda: [0] * BINS)
    relations: Counter[str] = field(default_factory=Counter)
    _heap: list[tuple[float, int, dict[str, Any]]] = field(default_factory=list)

    def add(self, record: dict[str, Any]) -> None:
        """Count one record of `duplicates`."""
        self.relations[record["relation"]] += 1
        for counts, share in ((self.covered, record["covered"]), (self.jaccard, record["jaccard"])):
            counts[min(int(share * BINS), BINS - 1)] += 1
        _keep(self._heap, (-record["covered"], -sum(self.relations.values()), record), _NEAREST)

    @property
    def nearest(self) -> list[dict[str, Any]]:
        return [record for *_, record in sorted(self._heap, key=lambda entry: (-entry[0], -entry[1]))]


def _keep(heap: list[Any], entry: tuple[Any, ...], most: int) -> None:
    """Add to the `most` greatest entries."""
    heapq.heappush(heap, entry)
    if len(heap) > most:
        heapq.heappop(heap)


def name_of(about: dict[str, Any]) -> str:
    """What a copy's source is called."""
    return about.get("source") or about.get("site") or "unknown"


def _label(labels: tuple[str, ...], up_to: tuple[float, ...], value: float) -> str:
    return next((label for label, most in zip(labels, up_to, strict=False) if value <= most), labels[-1])
