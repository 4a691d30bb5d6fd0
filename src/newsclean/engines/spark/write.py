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
import pandas as pd

from newsclean.dedup.verify import Pairs
from newsclean.engines.spark.batches import record_batch
from newsclean.formats import open_stream
from newsclean.formats.outputs import output_name
from newsclean.pipeline.match import Matches
from newsclean.pipeline.write import Results
from newsclean.text import TextColumn

Batches = Iterator[Any]

LINES = "kind string, lines binary"
WRITTEN = "name string, file string, records long"


class _Rows:
    """Some rows as `Results` takes a store."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self._rows = rows

    def column(self, name: str) -> TextColumn:
        return TextColumn.from_bytes([value or b"" for value in self._rows[name]])

    def each(self, name: str) -> Iterator[bytes]:
        return iter(self._rows[name])

    def numbers(self, name: str) -> npt.NDArray[Any]:
        return self._rows[name].to_numpy()

    def texts(self, rows: npt.NDArray[np.int64]) -> TextColumn:
        return self.column("text").take(rows)

    def release(self) -> None:
        """Nothing is mapped."""


def write_lines(table: pd.DataFrame, text_field: str, wanted: Sequence[str]) -> pd.DataFrame:
    """The lines of the outputs `wanted`, a method of `Results` each, of clusters that are whole.

    A copy has its figures with the kept document beside it; `times`: how many times its id has been there.
    """
    table = table.sort_values("row", ignore_index=True)
    rows = table["row"].to_numpy()
    kept = np.searchsorted(rows, table["kept"].to_numpy())
    copies = np.flatnonzero(kept != np.arange(len(rows)))
    a, b = np.minimum(copies, kept[copies]), np.maximum(copies, kept[copies])
    relation, *figures = (table[name].to_numpy()[copies] for name in ("relation", "jaccard", "containment", "covered"))
    pairs = Pairs(a, b, relation.astype(np.int8), *figures)
    renamed = {row: int(times) for row, times in enumerate(table["times"]) if times > 0}  # NaN: once
    results = Results(_Rows(table), Matches(pairs.where(np.lexsort((b, a))), kept), renamed)
    of_kind: dict[str, Callable[[], Iterator[bytes]]] = {
        "documents": partial(results.documents, text_field),
        "duplicates": results.duplicates,
        "clusters": results.clusters,
    }
    return pd.DataFrame({"kind": wanted, "lines": [b"".join(of_kind[name]()) for name in wanted]})


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
