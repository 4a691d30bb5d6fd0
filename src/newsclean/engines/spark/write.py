"""Stage 5 in tasks: clusters into the records of output files, by the functions of the local engine.

Owns: which rows of a cluster a task must see together, shards. Must not know: Spark, how copies were found.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newsclean.dedup.verify import Pairs
from newsclean.engines.spark.batches import numbers_of, record_batch, texts_of, whole_groups
from newsclean.formats import open_stream
from newsclean.formats.outputs import output_name
from newsclean.pipeline.match import Matches
from newsclean.pipeline.store import entries
from newsclean.pipeline.write import Results
from newsclean.text import TextColumn

Batches = Iterator[Any]

LINES = "kind string, lines binary"
WRITTEN = "name string, file string, records long"

_WRITTEN = 1000  # documents made into lines at a time


class _Rows:
    """Some rows as `Results` takes a store."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def column(self, name: str) -> TextColumn:
        return texts_of(self._table[name].combine_chunks())

    def each(self, name: str) -> Iterator[bytes]:
        return iter(entries(self.column(name)))

    def numbers(self, name: str) -> npt.NDArray[Any]:
        return numbers_of(self._table[name])

    def texts(self, rows: npt.NDArray[np.int64]) -> TextColumn:
        return self.column("text").take(rows)

    def release(self) -> None:
        """Nothing is mapped."""


def write_lines(batches: Batches, text_field: str, wanted: Sequence[str]) -> Batches:
    """The lines of the outputs `wanted`, a method of `Results` each; clusters come whole, sorted by kept document and row.

    A copy has its figures with the kept document beside it; `times`: how many times its id has been there.
    """
    for table in whole_groups(batches, "kept", _WRITTEN):
        rows, of = numbers_of(table["row"]), numbers_of(table["kept"])
        order = np.argsort(rows)
        table, rows, of = table.take(pa.array(order)), rows[order], of[order]
        kept = np.searchsorted(rows, of)
        copies = np.flatnonzero(kept != np.arange(len(rows)))
        figures = [numbers_of(table[name])[copies] for name in ("relation", "jaccard", "containment", "covered")]
        a, b = np.minimum(copies, kept[copies]), np.maximum(copies, kept[copies])
        pairs = Pairs(a, b, figures[0].astype(np.int8), *figures[1:])
        times = table["times"].to_pylist()
        renamed = {row: number for row, number in enumerate(times) if number}
        results = Results(_Rows(table), Matches(pairs.where(np.lexsort((b, a))), kept), renamed)
        of_kind: dict[str, Callable[[], Iterator[bytes]]] = {
            "documents": partial(results.documents, text_field),
            "duplicates": results.duplicates,
            "clusters": results.clusters,
        }
        for name in wanted:
            yield record_batch(LINES, 1, {"kind": name, "lines": [b"".join(of_kind[name]())]})


def write_shards(batches: Batches, folder: str, compress: str | None, numbered: bool) -> Batches:
    """Write lines to the files of their kinds, numbered by the partition; tells what was written.

    A file gets its name when it is whole, so a task that is tried again does no harm.
    """
    counts: dict[str, int] = {}
    files: dict[str, Any] = {}
    with contextlib.ExitStack() as opened:
        for batch in batches:
            for name, lines, part in zip(*(batch[column].to_pylist() for column in ("kind", "lines", "part")), strict=True):
                if name not in files:
                    file = output_name(f"{name}-{part:05}" if numbered else name, compress if numbered else None)
                    files[name] = opened.enter_context(open_stream(f"{folder}/{file}", force=True)), file
                    counts[name] = 0
                files[name][0].write(lines)
                counts[name] += lines.count(b"\n")
    for name, (_, file) in files.items():
        yield record_batch(WRITTEN, 1, {"name": name, "file": file, "records": counts[name]})
