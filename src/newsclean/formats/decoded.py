"""How large the rows of Arrow data are once decoded: a value that is stored once may stand in a million rows.

Owns: the encodings that let a little stand for much. Must not know: files, blocks, limits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_VIEW = 4  # int32 numbers in one element of a view array, of which the first is its length


def row_sizes(rows: Any) -> npt.NDArray[np.int64]:
    """About how many bytes the values of each row of a RecordBatch take once decoded; int64 [rows]."""
    return sum(map(_sizes, rows.columns), np.zeros(len(rows), np.int64))


def without_dictionaries(rows: Any) -> Any:
    """The rows with values in place of dictionaries; those inside lists and objects stay."""
    for at, field in enumerate(rows.schema):
        if pa.types.is_dictionary(field.type):
            rows = rows.set_column(at, field.with_type(field.type.value_type), rows.column(at).dictionary_decode())
    return rows


def _sizes(values: Any) -> npt.NDArray[np.int64]:
    kind, n = values.type, len(values)
    if pa.types.is_dictionary(kind):
        sizes = np.append(_sizes(values.dictionary), 0)
        return sizes[np.asarray(values.indices.fill_null(len(sizes) - 1), np.int64)]
    if pa.types.is_run_end_encoded(kind):
        runs = np.searchsorted(np.asarray(values.run_ends), np.arange(values.offset, values.offset + n), side="right")
        return _sizes(values.values)[runs]
    if pa.types.is_struct(kind):
        return sum(map(_sizes, values.flatten()), np.zeros(n, np.int64))
    if pa.types.is_map(kind):
        return _of_lists(values, _sizes(values.keys) + _sizes(values.items))
    if hasattr(values, "offsets"):
        return _of_lists(values, _sizes(values.values))
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        return np.frombuffer(values.buffers()[1], np.int32)[_VIEW * values.offset :: _VIEW][:n].astype(np.int64)
    if any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)):
        return np.asarray(pc.binary_length(values).fill_null(0), np.int64)
    return np.full(n, values.nbytes // max(n, 1))


def _of_lists(values: Any, inside: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sizes of lists, or of views of lists, from those of all their values."""
    before = np.append(0, np.cumsum(inside + 1))
    offsets = np.asarray(values.offsets, np.int64)
    starts = offsets[: len(values)]
    stops = starts + np.asarray(values.sizes, np.int64) if hasattr(values, "sizes") else offsets[1:]
    return before[stops] - before[starts]
