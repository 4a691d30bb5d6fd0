"""Stage 5: the store and the clusters into the records of the output files.

Owns: what each output record says. Must not know: compression and file names, how copies were found. All records are in
input order, and come in pieces of some thousand lines, so that memory stays small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import orjson

from newsclean.cleaning.types import added_types
from newsclean.dedup.days import moments
from newsclean.dedup.passages import passages
from newsclean.dedup.verify import RELATIONS
from newsclean.kernels.quote import LONGEST, quote
from newsclean.pipeline.job import Job
from newsclean.pipeline.match import Matches
from newsclean.pipeline.store import entries, spans
from newsclean.text import TextColumn

GIANT = 1000
_PIECE = 4 << 20


def column_types(id_field: str, text_field: str) -> dict[str, dict[str, Any]]:
    """The pyarrow types of the fields that a run gives to its records, by output file. null: as the input has it."""
    import pyarrow as pa

    text, number, score, given = pa.string(), pa.int64(), pa.float64(), pa.null()
    cleaned = added_types()
    about = {"id": given, "site": text, "source": text, "url": text, "published": text}
    added = {
        "fields": cleaned["fields"], "flags": cleaned["flags"], "cluster": text, "copies": number,
        "first_seen": text, "last_seen": text, "sources": pa.list_(pa.struct(about)),
    }  # fmt: skip
    relation = {"cluster": text, "kept_id": given, "relation": text, "jaccard": score, "containment": score}
    relation["covered"] = score
    return {
        "documents": {id_field: given, text_field: text, **added},
        "removals": {"id": given, "start": number, "end": number, "class": text, "rule": text, "text": text},
        "duplicates": {**about, **relation},
    }


class Columns(Protocol):
    """What `Results` asks of a store."""

    def column(self, name: str) -> TextColumn: ...
    def each(self, name: str) -> Iterator[bytes]: ...
    def numbers(self, name: str) -> npt.NDArray[Any]: ...
    def texts(self, rows: npt.NDArray[np.int64]) -> TextColumn: ...
    def release(self) -> None: ...


class Results:
    """The records of a run. Each method gives JSON lines in pieces."""

    def __init__(self, store: Columns, matches: Matches, renamed: dict[int, int] | None = None) -> None:
        """renamed: for each row whose id an earlier document has, how many times it was there; by default as the store tells."""
        self.kept, self.pairs = matches.kept, matches.pairs
        self._store = store
        self._ids, self._about, self._texts = store.column("id"), store.column("about"), store.column("text")
        self._dates = np.nan_to_num(store.numbers("days"), nan=np.inf)
        self._order = np.argsort(self.kept, kind="stable")
        self._starts = np.searchsorted(self.kept[self._order], np.arange(len(self.kept) + 1))
        self._first, self._last = self._extremes(store.numbers("days"))
        self._renamed = self._repeated_ids() if renamed is None else renamed

    def _extremes(self, days: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The first and the last known day of each cluster, by the row of its kept document; NaN where there is none."""
        first, last = np.full(len(days), np.nan), np.full(len(days), np.nan)
        np.fmin.at(first, self.kept, days)
        np.fmax.at(last, self.kept, days)
        return first, last

    @property
    def repeated_ids(self) -> int:
        """Documents whose id another one had before them."""
        return len(self._renamed)

    @property
    def clusters_found(self) -> int:
        return len(np.unique(self.kept))

    def giant_clusters(self) -> list[dict[str, Any]]:
        """The clusters of more than GIANT documents with their size, the largest first."""
        sizes = np.bincount(self.kept, minlength=1)
        rows = np.flatnonzero(sizes > GIANT)
        rows = rows[np.argsort(-sizes[rows], kind="stable")]
        return [{"cluster": orjson.loads(self._cluster(row)), "copies": int(sizes[row])} for row in rows.tolist()]

    def documents(self, text_field: str) -> Iterator[bytes]:
        """The kept documents: the cleaned record, its `cluster`, how many `copies`, when first and last seen, their `sources`."""
        columns = self._store.column("record"), self._ids, self._about
        before = b"," + orjson.dumps(text_field) + b":"
        for start, stop in spans(self._texts):
            records, ids, about = (entries(column, start, stop) for column in columns)
            texts = entries(_quoted(self._texts, start, stop))
            sizes = np.diff(self._starts[start : stop + 1]).tolist()
            seen = moments(self._first[start:stop]), moments(self._last[start:stop])
            yield b"".join(
                b'%s%s%s,"cluster":%s,"copies":%d,%s"sources":[%s]}\n'
                % (record, before, text, self._cluster(row, name), size, _seen(first, last), self._copies(row, told, size))
                for row, size, record, text, name, told, first, last in zip(
                    range(start, stop), sizes, records, texts, ids, about, *seen, strict=True
                )
                if size
            )
            self._store.release()

    def duplicates(self) -> Iterator[bytes]:
        """The other documents: what is known of each, its cluster, and how it relates to the kept one."""
        rows = np.flatnonzero(self.kept != np.arange(len(self.kept)))
        return _pieces(
            b"%s,%s\n" % (self._about.encoded(row)[:-1], orjson.dumps(told)[1:])
            for row, told in zip(rows.tolist(), self._relations(rows), strict=True)
        )

    def clusters(self) -> Iterator[bytes]:
        """Every document: its id, its cluster (the id of the kept document), and whether it is the kept one."""
        return _pieces(
            b'{"id":%s,"cluster":%s,"kept":%s}\n'
            % (self._ids.encoded(row), self._cluster(kept), b"true" if row == kept else b"false")
            for row, kept in enumerate(self.kept.tolist())
        )

    def pair_lines(self, job: Job) -> Iterator[bytes]:
        """The verified pairs, by id, with relation and scores, and what else the job asks for."""
        p = self.pairs
        more = self._passages if job.all_relations or job.offsets else lambda a, b, job: b""
        return _pieces(
            b'{"a":%s,"b":%s,"relation":"%s","jaccard":%.4f,"containment":%.4f%s}\n'
            % (
                *(self._ids.encoded(a), self._ids.encoded(b), RELATIONS[relation].encode(), jaccard, containment),
                more(a, b, job),
            )
            for a, b, relation, jaccard, containment in zip(
                p.a.tolist(), p.b.tolist(), p.relation.tolist(), p.jaccard.tolist(), p.containment.tolist(), strict=True
            )
        )

    def _passages(self, a: int, b: int, job: Job) -> bytes:
        """How many paragraphs two documents share and, with `job.offsets`, where."""
        found = passages(self._store.texts(np.array([a, b])), job.settings)
        told: dict[str, Any] = {"paragraphs": found.paragraphs}
        if job.offsets:
            for name, (of_a, of_b) in (("shared", found.shared), ("extra", found.extra)):
                told[name] = {"a": [[*span] for span in of_a], "b": [[*span] for span in of_b]}
        return b"," + orjson.dumps(told)[1:-1]

    def _copies(self, row: int, about: bytes, size: int) -> bytes:
        """What is known of each of the copies that `row` stands for: itself first, then by date."""
        if size == 1:
            return about
        rows = self._order[self._starts[row] : self._starts[row + 1]].tolist()
        others = sorted((self._dates[r], self._about.encoded(r)) for r in rows if r != row)
        return b",".join((about, *(other for _, other in others)))

    def _relations(self, rows: npt.NDArray[np.int64]) -> Iterator[dict[str, Any]]:
        """For each duplicate its cluster and its pair with the kept document, seen from the duplicate."""
        pairs = self.pairs.between(rows, self.kept[rows])
        for at, keeper in enumerate(pairs.b.tolist()):
            yield {
                "cluster": orjson.Fragment(self._cluster(keeper)),
                "kept_id": orjson.Fragment(self._ids.encoded(keeper)),
                "relation": RELATIONS[pairs.relation[at]],
                "jaccard": round(float(pairs.jaccard[at]), 4),
                "containment": round(float(pairs.containment[at]), 4),
                "covered": round(float(pairs.covered[at]), 4),
            }

    def _cluster(self, row: int, name: bytes | None = None) -> bytes:
        """The name of a cluster as JSON: the id of its kept document, always text, made unique where ids are not."""
        name = name or self._ids.encoded(row)
        if name[:1] != b'"':
            name = orjson.dumps(name.decode())
        times = self._renamed.get(row)
        return name if times is None else b'%s~%d"' % (name[:-1], times)

    def _repeated_ids(self) -> dict[int, int]:
        """For each row whose id was there before, how many times it has been there, itself included."""
        n = len(self._ids)
        hashes = np.fromiter(map(hash, self._store.each("id")), np.int64, n)
        _, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        seen: Counter[bytes] = Counter()
        repeated = {}
        for row in np.flatnonzero(counts[inverse] > 1).tolist():
            name = self._ids.encoded(row)
            seen[name] += 1
            if seen[name] > 1:
                repeated[row] = seen[name]
        return repeated


def _seen(first: str, last: str) -> bytes:
    return f'"first_seen":"{first}","last_seen":"{last}",'.encode() if first else b""


def _quoted(texts: TextColumn, start: int, stop: int) -> TextColumn:
    """Consecutive texts as JSON strings."""
    offsets = texts.offsets[start : stop + 1] - texts.offsets[start]
    data = texts.data[texts.offsets[start] : texts.offsets[stop]]
    bounds = np.zeros_like(offsets)
    out = np.empty(LONGEST * len(data) + 2 * (stop - start), np.uint8)  # memory is what is written of it
    quote(data, offsets, out, bounds)
    return TextColumn(out, bounds)


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    held, size = [], 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _PIECE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)
