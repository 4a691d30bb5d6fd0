"""DuplicateIndex: yesterday's documents remembered, so that today's are compared with them.

Owns: what users call, and when a generation begins. Must not know: posting lists, what counts as a copy.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from newsclean.dedup.days import day
from newsclean.dedup.settings import DedupSettings
from newsclean.errors import UsageError
from newsclean.index import folder as state
from newsclean.index.archive import Archive
from newsclean.index.folder import Entry
from newsclean.index.place import Arrivals, Placement, arrive, place, place_apart, recall
from newsclean.index.segment import Segment, make_table, write_segment
from newsclean.index.sketches import sketched, sketches
from newsclean.index.verdict import Verdict, columns, on_archived, on_arrivals
from newsclean.text import Document

MERGED = 1 << 17
"""Documents up to which small segments are merged: beyond, copying would cost more than searching one segment more."""

_SECONDS = 86_400.0
_TRIES = 20  # of a reader that meets a writer who has just removed what the manifest named


@dataclass(frozen=True, slots=True)
class IndexStats:
    """What an index holds."""

    documents: int
    clusters: int
    """Kept documents among them."""
    undated: int
    earliest: str | None
    """Day of the earliest document, as 2024-05-12."""
    latest: str | None
    segments: int
    bytes: int
    """On disk."""
    generation: int
    """Of commits so far."""


class DuplicateIndex:
    """An index in a folder on a local disk.

    Any number of processes may query it while one adds. Each call sees one whole generation, the latest when it began.
    An object is for one thread; others may open the folder for themselves.
    settings: must be those the index was created with, if given.
    """

    def __init__(self, folder: str | Path, settings: DedupSettings | None = None) -> None:
        self.folder = Path(folder)
        self._generation = state.read(self.folder, settings)
        self._lock = state.lock(self.folder)
        self._stamp = (0, 0)
        self._archive = Archive([])
        self._refresh()

    @classmethod
    def create(cls, folder: str | Path, settings: DedupSettings | None = None) -> DuplicateIndex:
        """A new, empty index. Raises UsageError if the folder holds anything."""
        state.create(Path(folder), settings or DedupSettings())
        return cls(folder)

    @property
    def settings(self) -> DedupSettings:
        return self._generation.settings

    def __len__(self) -> int:
        """Documents that have not expired."""
        self._refresh()
        return self._archive.live

    def _refresh(self) -> None:
        """Turn to the latest generation; segments that are open already stay so."""
        for left in reversed(range(_TRIES)):
            stamp = state.stamp(self.folder)
            if stamp == self._stamp:
                return
            generation = state.read(self.folder, self._generation.settings)
            opened = {(segment.name, segment.expired): segment for segment in self._archive.segments}
            try:
                self._archive = Archive(
                    [
                        opened.get((entry.name, entry.expired)) or Segment(self.folder, entry.name, entry.expired)
                        for entry in generation.entries
                    ]
                )
            except FileNotFoundError as error:
                if not left:
                    raise UsageError(f"{self.folder}: damaged, {Path(error.filename or '').name} is missing") from None
                time.sleep(0.01)
                continue
            except (OSError, ValueError) as error:  # pyarrow's are both
                raise UsageError(f"{self.folder}: damaged, a segment cannot be read ({error}); {state.ANEW}") from None
            self._generation, self._stamp = generation, stamp

    def query(self, documents: Sequence[Document]) -> list[Verdict]:
        """What `add` would say of documents, without adding them; in their order."""
        self._refresh()
        return self._judge(documents)[0]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer while the block lasts; `add` and `expire` do so by themselves.

        Raises UsageError if another process is writing.
        """
        with state.writing(self.folder, self._lock):
            self._refresh()
            state.sweep(self.folder, self._generation)
            yield

    def add(self, documents: Sequence[Document]) -> list[Verdict]:
        """Add documents, all or none of them; what is said of each, in their order.

        A document that is there already (same id, same words) is known and not added again, so what a crash cut short can
        be done again as it was. Documents need ids. Raises UsageError if another process is writing.
        """
        with self.writing():
            verdicts, new, placed = self._judge(documents)
            self._append(new, placed)
        return verdicts

    def minhashes(self) -> Iterator[tuple[str, Any]]:
        """The id and the `datasketch.LeanMinHash` of each document, for `datasketch.MinHashLSH` and its storage."""
        self._refresh()
        return sketches(self._archive, self.settings)

    def add_minhashes(self, minhashes: Iterable[tuple[str, Any]]) -> int:
        """Add documents of which only an id and a `datasketch.MinHash` or `LeanMinHash` are left; returns how many are new.

        Each is a cluster of its own. Later documents are compared with them by their signatures: near copies are found, cut
        ones are not. Their values must come from newsclean (of `minhashes`, or `newsclean.dedup.sign`): those made from
        other shingles find nothing. Raises UsageError for other permutations.
        """
        with self.writing():
            every = sketched(minhashes, self.settings)
            before = recall(self._archive, every)
            new = every.where(before.fresh)
            self._append(new, place_apart(new, before.taken[before.fresh], self._generation.documents))
            return len(new)

    def _append(self, new: Arrivals, placed: Placement) -> None:
        """Commit what is new as a segment, with the last ones in it that are not much larger: a few, however often one adds."""
        if not len(new):
            return
        table = make_table(columns(new, placed, self._generation.documents, time.time() / _SECONDS))
        first, size, segments = len(self._archive.segments), len(new), self._archive.segments
        while first and segments[first - 1].live <= min(2 * size, MERGED - size):
            first -= 1
            size += segments[first].live
        merged = pa.concat_tables([*(segment.live_rows() for segment in segments[first:]), table])
        self._commit(self._generation.entries[:first], merged, len(new))

    def expire(self, before: str) -> int:
        """Forget the documents dated before a day, such as 2024-05-12, and those without a date that were added before it.

        Returns how many. Clusters keep their names; who matches what is left of one joins it.
        """
        limit = day(before)
        if math.isnan(limit):
            raise UsageError(f"{before!r} is not a date such as 2024-05-12")
        with self.writing():
            held, entries, shrunk = self._archive.live, list[Entry](), list[Segment]()
            for entry in self._generation.entries:
                segment = Segment(self.folder, entry.name, max(entry.expired, limit))
                if segment.live * 2 >= len(segment):
                    entries.append(replace(entry, expired=segment.expired))
                elif segment.live:
                    shrunk.append(segment)
            self._commit(entries, pa.concat_tables([s.live_rows() for s in shrunk]) if shrunk else None)
            return held - self._archive.live

    def stats(self) -> IndexStats:
        """What the index holds; expired documents don't count."""
        self._refresh()
        segments = self._archive.segments
        dated = [segment["day"][segment.dated] for segment in segments if segment.dated.start < segment.dated.stop]
        kept = sum(int((s["kept"][part] == s["number"][part]).sum()) for s in segments for part in (s.dated, s.undated))
        return IndexStats(
            documents=self._archive.live,
            clusters=kept,
            undated=sum(segment.undated.stop - segment.undated.start for segment in segments),
            earliest=_date(min(days[0] for days in dated)) if dated else None,
            latest=_date(max(days[-1] for days in dated)) if dated else None,
            segments=len(segments),
            bytes=sum(segment.bytes for segment in segments),
            generation=self._generation.number,
        )

    def _commit(self, entries: Sequence[Entry], table: pa.Table | None, added: int = 0) -> None:
        """Turn to a generation of these segments and one of the rows of `table`, of which so many are new."""
        made = replace(self._generation, entries=tuple(entries), documents=self._generation.documents + added)
        if table is not None:
            name = f"{made.named:06d}"
            write_segment(self.folder, name, table, self.settings)
            made = replace(made, named=made.named + 1, entries=(*entries, Entry(name, len(table))))
        state.commit(self.folder, made)
        self._refresh()

    def _judge(self, documents: Sequence[Document]) -> tuple[list[Verdict], Arrivals, Placement]:
        """The verdict on each document; those that are new, and where they were placed."""
        for number, document in enumerate(documents):
            if not document.id:
                raise UsageError(f"document {number} has no id: an index tells documents apart by their ids")
        every, first = arrive(documents, self.settings), self._generation.documents
        before = recall(self._archive, every)
        fresh, known = before.fresh, np.flatnonzero(before.places >= 0)
        new = every.where(fresh)
        placed = place(self._archive, new, before.taken[fresh], first, self.settings)
        told = dict(zip(fresh.tolist(), on_arrivals(new, placed, first), strict=True))
        for row, verdict in zip(known.tolist(), on_archived(self._archive, before.places[known]), strict=True):
            told[row] = replace(verdict, known=True)
        firsts = before.firsts.tolist()
        verdicts = [told[i] if i in told else replace(told[first], known=True) for i, first in enumerate(firsts)]
        return verdicts, new, placed


def _date(days: float) -> str:
    return datetime.fromtimestamp(days * _SECONDS, UTC).date().isoformat()
