"""Arrow batches to arrays and back, and a stream of sorted batches to whole groups.

Owns: the Arrow types behind the schemas of stages, how numbers without sign travel. Must not know: what columns mean, Spark.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newsclean.text import TextColumn

_SIGN = np.uint64(1 << 63)
_TYPES = {
    "long": pa.int64(), "int": pa.int32(), "byte": pa.int8(), "double": pa.float64(), "boolean": pa.bool_(),
    "binary": pa.binary(), "string": pa.string(), "array<long>": pa.list_(pa.int64()),
}  # fmt: skip


@functools.cache
def schema_of(told: str) -> Any:
    """The Arrow schema of a schema as Spark writes it: `row long, text binary`."""
    return pa.schema([(name, _TYPES[kind]) for name, kind in (column.split() for column in told.split(", "))])


def record_batch(told: str, rows: int, columns: dict[str, Any]) -> Any:
    """A batch with the schema `told`; columns that are not given are null, single values the same in all rows."""
    arrays = []
    for field in schema_of(told):
        values = columns.get(field.name)
        if values is None:
            arrays.append(pa.nulls(rows, field.type))
        elif isinstance(values, int | str):
            arrays.append(pa.repeat(pa.scalar(values, field.type), rows))
        else:
            arrays.append(values if isinstance(values, pa.Array) else _array(values, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of(told))


def _array(values: Any, kind: Any) -> Any:
    if isinstance(values, TextColumn):
        offsets = np.ascontiguousarray(values.offsets - values.offsets[0])
        data = values.data[values.offsets[0] : values.offsets[-1]]
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
        return pa.Array.from_buffers(pa.large_binary(), len(values), buffers).cast(kind)
    if isinstance(values, np.ndarray) and values.ndim == 2:  # rows of numbers as bytes
        offsets = np.arange(len(values) + 1, dtype=np.int64) * values[0:1].nbytes
        return _array(TextColumn(np.ascontiguousarray(values).view(np.uint8).reshape(-1), offsets), kind)
    return pa.array(values, kind)


def texts_of(array: Any) -> TextColumn:
    """A binary column; nothing where it is null."""
    return TextColumn.from_arrow(array.fill_null(b"") if array.null_count else array)


def values_of(array: Any, kind: Any) -> npt.NDArray[Any]:
    """Rows of numbers, [n, values], from their bytes."""
    column = texts_of(array)
    data = column.data[column.offsets[0] : column.offsets[-1]].tobytes()
    return np.frombuffer(data, kind).reshape(len(column), -1 if len(column) else 0)


def signed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """The same order among numbers that have a sign, which Spark's all have."""
    return (values ^ _SIGN).view(np.int64)


def unsigned(array: Any) -> npt.NDArray[np.uint64]:
    """What `signed` was given."""
    return numbers_of(array).view(np.uint64) ^ _SIGN


def numbers_of(array: Any) -> npt.NDArray[Any]:
    """A column of numbers without nulls."""
    return np.ascontiguousarray(array.to_numpy(zero_copy_only=False))


def whole_groups(batches: Iterator[Any], key: str, least: int = 1) -> Iterator[Any]:
    """Tables of whole groups with one `key` (a number), each of at least so many rows, but for the last.

    Raises RuntimeError for batches that are not sorted by it: half a group would give half an answer, silently.
    """
    held: list[Any] = []
    count, last = 0, None
    for batch in batches:
        if not len(batch):
            continue
        values = numbers_of(batch[key])
        if (np.diff(values) < 0).any() or (last is not None and values[0] < last):
            raise RuntimeError(f"the rows are not sorted by {key}: Spark did not do what was asked of it")
        cuts = (np.flatnonzero(np.diff(values)) + 1).tolist()
        start = 0
        for cut in [0, *cuts] if held and values[0] != last else cuts:
            held.append(batch.slice(start, cut - start))
            count += cut - start
            start, last = cut, values[-1]
            if count >= least:
                yield pa.Table.from_batches(held).combine_chunks()
                held, count = [], 0
        held.append(batch.slice(start))
        count, last = count + len(batch) - start, values[-1]
    if count:
        yield pa.Table.from_batches(held).combine_chunks()
