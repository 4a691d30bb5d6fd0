"""The rows of a Parquet file, so that memory stays small whatever it holds.

Owns: row groups, column chunks, how many rows to decode at once. Must not know: blocks, records, which column is the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from newsclean.formats import streams
from newsclean.formats.records import MAX_RECORD

MOST_ROWS = 10_000
_BUFFER = 1 << 20  # bytes of a column read at once; without it, a row group is, which may be as large as the file


class Parquet:
    """A Parquet file, whose metadata do not say what rows take once decoded: a value may be stored once for a million of them."""

    def __init__(self, file: Any) -> None:
        """file: a path, or a file open for reading."""
        self._file = file
        self._metadata: Any = None
        with self._opened() as parquet:
            self._metadata, self.schema = parquet.metadata, parquet.schema_arrow
        self._groups = [self._metadata.row_group(at) for at in range(self._metadata.num_row_groups)]
        leaves = [self._groups[0].column(at) for at in range(self._groups[0].num_columns)] if self._groups else []
        texts = {at: leaf.path_in_schema for at, leaf in enumerate(leaves) if leaf.physical_type == "BYTE_ARRAY"}
        self._inner = {at: path for at, path in texts.items() if "." in path and not self._delta(at)}
        self._outer = {at: path for at, path in texts.items() if at not in self._inner}
        self._done = 0

    def share(self) -> float:
        """How much of the file has been read."""
        return float(self._done / max(1, self._metadata.num_rows))

    def rows(self) -> Iterator[Any]:
        """The rows in batches that take MAX_RECORD bytes or, where one row alone does, little more.

        Texts inside lists and objects are dictionaries, so that a row may be weighed before it is decoded.
        """
        with self._opened(self._inner.values()) as parquet:
            for groups, most in self._runs():
                for rows in parquet.iter_batches(most, row_groups=groups):
                    self._done += len(rows)
                    yield rows

    def _opened(self, dictionaries: Iterable[str] = ()) -> Any:
        how = {"pre_buffer": False, "buffer_size": _BUFFER, "metadata": self._metadata}
        return pq.ParquetFile(self._file, read_dictionary=list(dictionaries), **how)

    def _delta(self, column: int) -> bool:
        """Whether values may be told by what they add to the one before."""
        return any("DELTA_BYTE_ARRAY" in group.column(column).encodings for group in self._groups)

    def _runs(self) -> Iterator[tuple[list[int], int]]:
        """Row groups that follow one another, enough to fill a batch, and how many rows to decode at once."""
        usual = streams.CHUNK * self._metadata.num_rows // max(1, sum(group.total_byte_size for group in self._groups))
        run, held, size = list[int](), 0, 0
        with self._opened([path for at, path in self._outer.items() if not self._delta(at)]) as probe:
            for number, group in enumerate(self._groups):
                most = max(1, min(MOST_ROWS, usual, MAX_RECORD // max(1, self._longest(probe, number))))
                if run and (most != size or held >= size):
                    yield run, size
                    run, held = [], 0
                run, held, size = [*run, number], held + group.num_rows, most
        if run:
            yield run, size

    def _longest(self, probe: Any, group: int) -> int:
        """Bytes that the values stored once for many rows of a group take at most, one of each column.

        probe: the file, opened to read texts as dictionaries, of which the first row shows the whole.
        """
        longest = 0
        for at, path in self._outer.items():
            chunk = self._groups[group].column(at)
            if "DELTA_BYTE_ARRAY" in chunk.encodings:  # the last value may be as long as all that is stored
                longest += chunk.total_uncompressed_size
            elif any("DICTIONARY" in encoding for encoding in chunk.encodings):
                for rows in probe.iter_batches(1, row_groups=[group], columns=[path]):
                    values = rows.column(0)
                    stored = values.dictionary if pa.types.is_dictionary(values.type) else values
                    longest += pc.max(pc.binary_length(stored)).as_py() or 0
                    break
        return int(longest)
