"""A few of many: what a report shows of a run of any size, chosen in one pass over the removals.

Owns: which removals and documents are examples. Must not know: pages, texts. The choice is by chance with a fixed seed, so the
same run gives the same report.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from random import Random
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_EXAMPLES, _PER_CLASS, _HEAVIEST, _ANY = 3, 5, 12, 24


class Reservoir(Generic[T]):
    """At most `size` of the items added, each with the same chance (Vitter, algorithm R)."""

    def __init__(self, size: int) -> None:
        self.items: list[T] = []
        self._size, self._seen, self._random = size, 0, Random(1)

    def add(self, item: T) -> None:
        self._seen += 1
        if len(self.items) < self._size:
            self.items.append(item)
        elif (at := self._random.randrange(self._seen)) < self._size:
            self.items[at] = item


@dataclass(frozen=True, slots=True)
class Taken:
    """What was removed from one document: the records of a run, in order."""

    id: str
    removals: list[dict[str, Any]]

    @property
    def size(self) -> int:
        return sum(removal["end"] - removal["start"] for removal in self.removals)

    @property
    def classes(self) -> list[str]:
        return sorted({removal["class"] for removal in self.removals})


@dataclass(slots=True)
class Sample:
    """Examples of what a run removed.

    rules: removals by rule; documents: by id, those that lost most first; asked: those asked for; touched: how many documents
    lost anything.
    """

    rules: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    documents: dict[str, Taken] = field(default_factory=dict)
    asked: dict[str, Taken] = field(default_factory=dict)
    touched: int = 0

    def removals_of(self, name: str) -> list[dict[str, Any]]:
        """The removals of a document that was asked for; none if it lost nothing."""
        return self.asked[name].removals if name in self.asked else []


def sample_removals(records: Iterable[dict[str, Any]], asked: Container[str] = ()) -> Sample:
    """Examples of every rule, and documents: those that lost most, some of each class, some at random, and those asked for."""
    rules: dict[str, Reservoir[dict[str, Any]]] = defaultdict(lambda: Reservoir(_EXAMPLES))
    classes: dict[str, Reservoir[Taken]] = defaultdict(lambda: Reservoir(_PER_CLASS))
    heaviest: list[tuple[int, int, Taken]] = []
    some, touched, found = Reservoir[Taken](_ANY), 0, dict[str, Taken]()
    for taken in by_document(records):
        touched += 1
        if taken.id in asked:
            found[taken.id] = taken
        for removal in taken.removals:
            rules[removal["rule"]].add(removal)
        for name in taken.classes:
            classes[name].add(taken)
        some.add(taken)
        heapq.heappush(heaviest, (taken.size, -touched, taken))
        if len(heaviest) > _HEAVIEST:
            heapq.heappop(heaviest)
    chosen = [taken for *_, taken in heaviest] + some.items + [taken for kept in classes.values() for taken in kept.items]
    documents = {taken.id: taken for taken in sorted(chosen, key=lambda taken: (-taken.size, taken.id))}
    return Sample({name: kept.items for name, kept in rules.items()}, documents, found, touched)


def by_document(records: Iterable[dict[str, Any]]) -> Iterator[Taken]:
    """Removals, document by document: those of one stand together."""
    for name, removals in groupby(records, key=lambda record: str(record["id"])):
        yield Taken(name, list(removals))
