"""Arrow batches to arrays and back.

Owns: the Arrow types behind the schemas of stages, how numbers without sign travel. Must not know: what columns mean, Spark.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newsclean.pipeline.store import entries
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
        values = entries(values)
    elif isinstance(values, np.ndarray) and values.ndim == 2:  # rows of numbers as bytes
        values = [row.tobytes() for row in values]
    return pa.array(values, kind)


def gathered(batches: Iterator[Any], least: int) -> Iterator[Any]:
    """The rows of batches in larger ones, of at least so many, but for the last."""
    held: list[Any] = []
    for batch in chain(batches, (None,)):
        if batch is not None:
            held.append(batch)
        if held and (batch is None or sum(map(len, held)) >= least):
            yield from pa.Table.from_batches(held).combine_chunks().to_batches()
            held = []


def texts_of(array: Any) -> TextColumn:
    """A binary column; nothing where it is null."""
    return TextColumn.from_arrow(array.fill_null(b"") if array.null_count else array)


def values_of(array: Any, kind: Any) -> npt.NDArray[Any]:
    """Rows of numbers, [n, values], from their bytes."""
    return np.frombuffer(b"".join(array.to_pylist()), kind).reshape(len(array), -1 if len(array) else 0)


def signed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """The same order among numbers that have a sign, which Spark's all have."""
    return (values ^ _SIGN).view(np.int64)


def unsigned(array: Any) -> npt.NDArray[np.uint64]:
    """What `signed` was given."""
    return numbers_of(array).view(np.uint64) ^ _SIGN


def numbers_of(array: Any) -> npt.NDArray[Any]:
    """A column of numbers without nulls."""
    return np.ascontiguousarray(array.to_numpy(zero_copy_only=False))
