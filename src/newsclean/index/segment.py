"""Some thousand documents of an index in two immutable files.

Owns: the files, their columns and posting lists, and the order of rows. Must not know: other segments, what is compared.

NAME.arrow holds a column for each thing known of a document (Arrow IPC, so pyarrow, pandas, polars and DuckDB read it);
NAME.npy the posting lists, uint64 [lists, rows]. Both are mapped, so opening costs nothing and memory is the system's cache.
Rows are in the order of their dates, those without a date behind: what is within a window, and what has expired, are ranges
of rows.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newsclean.dedup.candidates import band_keys, bands_of
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.text import TextColumn

KINDS: dict[str, npt.DTypeLike] = {
    "number": np.int64,  # in the order of arrival
    "kept": np.int64,  # the number of the kept document of its cluster
    "relation": np.int8,  # to that one, and the figures of the pair, as in `dedup.verify.Pairs`
    "jaccard": np.float32, "containment": np.float32, "covered": np.float32,
    "day": np.float64,  # of publication, as `dedup.days` has it
    "added": np.float64,
    "source": np.uint32,  # a hash
    "full": np.uint32, "lead": np.uint32, "words": np.int32, "digest": np.uint64, "broken": np.uint8,  # Signatures
}  # fmt: skip
"""The columns that hold numbers; the others, `id`, `cluster` and `text`, hold text."""
SIGNED = tuple(f.name for f in fields(Signatures))
LISTS = ("number", "id", "cluster", "source")
"""What documents are found by beside the bands, whose posting lists come first."""

Column = npt.NDArray[Any] | TextColumn


def hashes(names: Iterable[str | None]) -> npt.NDArray[np.uint32]:
    """A key for each name, uint32; 0 for none. Names with the same key are few, and must be told apart by who asks."""
    return np.array([zlib.crc32(name.encode("utf-8", "surrogatepass")) if name else 0 for name in names], np.uint32)


def make_table(columns: Mapping[str, Column]) -> pa.Table:
    """Columns as Arrow: texts, numbers, and fixed-size lists for arrays of two dimensions."""
    return pa.table({name: _to_arrow(name, column) for name, column in columns.items()})


def _to_arrow(name: str, column: Column) -> pa.Array:
    if isinstance(column, TextColumn):
        offsets = pa.py_buffer(np.ascontiguousarray(column.offsets))
        return pa.LargeStringArray.from_buffers(len(column), offsets, pa.py_buffer(column.data))
    values = pa.array(np.ascontiguousarray(column, KINDS[name]).reshape(-1))
    return values if column.ndim == 1 else pa.FixedSizeListArray.from_arrays(values, column.shape[1])


def write_segment(folder: Path, name: str, table: pa.Table, settings: DedupSettings) -> None:
    """Write the rows of a table as a segment; both files are on the disk when this returns."""
    day = table["day"].to_numpy()
    time = np.where(np.isnan(day), table["added"].to_numpy(), day)
    order = np.lexsort((table["number"].to_numpy(), time, np.isnan(day)))
    batch = table.take(order).combine_chunks().to_batches()[0]
    columns = folder / f"{name}.arrow"
    with pa.OSFile(str(columns), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)
    _write_postings(folder / f"{name}.npy", Rows(batch), settings)
    for path in (columns, folder / f"{name}.npy"):
        with path.open("r+b") as written:
            os.fsync(written.fileno())


def _write_postings(path: Path, rows: Rows, settings: DedupSettings) -> None:
    bands, n = list(bands_of(settings)), len(rows)
    postings = np.lib.format.open_memmap(path, "w+", np.dtype(np.uint64), (len(bands) + len(LISTS), n))
    signatures, names = rows.signatures, {name: rows.texts(name) for name in ("id", "cluster")}
    keys: dict[str, npt.NDArray[np.uint32]] = {
        "number": rows["number"].astype(np.uint32), "source": rows["source"],
        **{name: hashes(map(column.__getitem__, range(n))) for name, column in names.items()},
    }  # fmt: skip
    short = (short_keys(band_keys(band, signatures)) for band in bands)  # one by one: little memory
    for place, found in enumerate(chain(short, map(keys.__getitem__, LISTS))):
        postings[place] = np.sort(found.astype(np.uint64) << np.uint64(32) | np.arange(n, dtype=np.uint64))
    postings.flush()


def short_keys(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    """The better mixed half of band keys: among a million rows one in 4,000 finds a stranger, who is told apart later."""
    return (keys >> np.uint64(32)).astype(np.uint32)


class Rows:
    """The columns of a record batch as arrays that share its memory."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch
        self._made: dict[str, npt.NDArray[Any]] = {}

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A column of numbers, [rows] or [rows, values]."""
        if name not in self._made:
            column = self.batch.column(name)
            flat = column.flatten() if pa.types.is_fixed_size_list(column.type) else column
            values = flat.to_numpy()
            self._made[name] = values.reshape(len(self), -1) if flat is not column else values
        return self._made[name]

    def texts(self, name: str) -> TextColumn:
        return TextColumn.from_arrow(self.batch.column(name))

    @property
    def signatures(self) -> Signatures:
        made = {name: self[name] for name in SIGNED}
        return Signatures(**{**made, "broken": made["broken"].view(np.bool_)})


class Segment(Rows):
    """A segment, mapped into memory. expired: the day up to which its documents no longer count."""

    def __init__(self, folder: Path, name: str, expired: float) -> None:
        with pa.memory_map(str(folder / f"{name}.arrow")) as file:
            super().__init__(pa.ipc.open_file(file).get_batch(0))
        self.name, self.expired = name, expired
        self.postings = np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
        self.bytes = sum((folder / f"{name}{suffix}").stat().st_size for suffix in (".arrow", ".npy"))

    def list_of(self, kind: str) -> npt.NDArray[np.uint64]:
        """The posting list of one of LISTS."""
        return self.postings[LISTS.index(kind) - len(LISTS)]

    @cached_property
    def dated(self) -> slice:
        """The rows with a date that have not expired."""
        day = self["day"]
        return slice(int(np.searchsorted(day, self.expired)), int(np.searchsorted(day, np.inf, side="right")))

    @cached_property
    def undated(self) -> slice:
        """The rows without a date that were not added before the others expired."""
        first = self.dated.stop
        return slice(first + int(np.searchsorted(self["added"][first:], self.expired)), len(self))

    @cached_property
    def _span(self) -> tuple[float, float]:
        """The first and the last day of documents that count; all days where one has none."""
        if self.undated.start < self.undated.stop:
            return -np.inf, np.inf
        day = self["day"][self.dated]
        return (float(day[0]), float(day[-1])) if len(day) else (np.inf, -np.inf)

    def has_from(self, first: float, last: float) -> bool:
        """Whether it may hold a document dated from day `first` to `last`, or without a date; a day more makes no difference."""
        low, high = self._span
        return low <= last + 1 and first - 1 <= high

    @property
    def live(self) -> int:
        """How many documents still count."""
        return self.dated.stop - self.dated.start + self.undated.stop - self.undated.start

    def live_rows(self) -> pa.Table:
        parts = [self.batch.slice(part.start, part.stop - part.start) for part in (self.dated, self.undated)]
        return pa.Table.from_batches(parts)
