"""JSON records as Parquet tables.

Owns: which column type a field gets when records don't agree, and how values that JSON had to write as text get their
type back. Must not know: what the fields mean.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from datetime import time
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from newsclean.formats.columnar import stored_schema
from newsclean.formats.records import encode
from newsclean.formats.streams import Source

_NUMBERS = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating)
_SCALARS = (*_NUMBERS, pa.types.is_string, pa.types.is_large_string)
_WRITTEN_AS_TEXT = (pa.types.is_date, pa.types.is_timestamp, pa.types.is_decimal)


def table_schema(pieces: Iterable[bytes], usual: dict[str, Any], sources: Sequence[Source]) -> Any:
    """The pyarrow schema that holds all records in `pieces` (JSON lines).

    A field has the type it has in the Parquet and Arrow files among `sources`; else the one its values ask for, text (of JSON)
    where these don't agree among themselves or with its `usual` type. Columns begin with the usual ones.
    """
    types = dict(usual)
    for piece in pieces:
        for name, values in _columns([orjson.loads(line) for line in piece.splitlines()]).items():
            types[name] = _common(types.get(name, pa.null()), _type_of(values))
    for name, kind in _stored_types(sources).items():
        if name in types and _fits(types[name], _written(kind)):
            types[name] = kind
    return pa.schema({name: _settled(kind) for name, kind in types.items()})


class ParquetSink:
    """Takes JSON lines, as every output does, and writes each piece as a row group."""

    def __init__(self, path: Path, schema: Any) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, lines: bytes, /) -> None:
        records = [orjson.loads(line) for line in lines.splitlines()]
        columns = [_column([record.get(field.name) for record in records], field.type) for field in self._schema]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


def _columns(records: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for record in records for name in record)
    return {name: [record.get(name) for record in records] for name in names}


def _type_of(values: list[Any]) -> Any:
    try:
        kind = pa.array(values).type
    except OverflowError:
        unsigned = all(value is None or (type(value) is int and 0 <= value < 1 << 64) for value in values)
        return pa.uint64() if unsigned else pa.string()
    except pa.ArrowException:
        return _type_inside([value for value in values if value is not None])
    return kind if kind != pa.struct([]) else pa.string()  # Parquet has no empty struct


def _type_inside(values: list[Any]) -> Any:
    """The type of values that don't agree; those of lists and objects may do so part by part."""
    if all(isinstance(value, list) for value in values):
        return pa.list_(_type_of([item for value in values for item in value]))
    if all(isinstance(value, dict) for value in values):
        return pa.struct([(name, _type_of(parts)) for name, parts in _columns(values).items()])
    return pa.string()


def _fits(found: Any, kind: Any) -> bool:
    """Whether values for which JSON asks for the type `found` may be stored as `kind`."""
    if found == kind or pa.types.is_null(found):
        return True
    if pa.types.is_struct(found) and pa.types.is_struct(kind):
        known = {field.name: field.type for field in kind}
        return all(field.name in known and _fits(field.type, known[field.name]) for field in found)
    if pa.types.is_list(found) and (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return _fits(found.value_type, kind.value_type)
    if pa.types.is_integer(found):
        return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
    return bool(pa.types.is_floating(found) and pa.types.is_floating(kind))


def _common(a: Any, b: Any) -> Any:
    """The type that holds the values of both; text where there is none."""
    if a == b or pa.types.is_null(b):
        return a
    if pa.types.is_null(a):
        return b
    if pa.types.is_struct(a) and pa.types.is_struct(b):
        fields = {field.name: field.type for field in a}
        for field in b:
            fields[field.name] = _common(fields.get(field.name, pa.null()), field.type)
        return pa.struct(list(fields.items()))
    if pa.types.is_list(a) and pa.types.is_list(b):
        return pa.list_(_common(a.value_type, b.value_type))
    if {a, b} == {pa.int64(), pa.float64()}:
        return pa.float64()
    return pa.string()


def _settled(kind: Any) -> Any:
    """The type with text for what never had a value."""
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _settled(field.type)) for field in kind])
    if pa.types.is_list(kind):
        return pa.list_(_settled(kind.value_type))
    return pa.string() if pa.types.is_null(kind) else kind


def _column(values: list[Any], kind: Any) -> Any:
    if read := _reader(kind):
        return pa.array([None if value is None else read(value) for value in values], kind)
    written = _written(kind)
    try:
        made = pa.array(values, written)
    except pa.ArrowException:  # a number where others have text
        made = pa.array([_as_text(value, written) for value in values], written)
    return made.cast(_finer(kind)).cast(kind, safe=False)


def _as_text(value: Any, kind: Any) -> Any:
    """The value with JSON wherever its type wants text and there is none."""
    if value is None:
        return None
    if pa.types.is_string(kind):
        return value if isinstance(value, str) else encode(value).decode()
    if pa.types.is_struct(kind):
        return {field.name: _as_text(value.get(field.name), field.type) for field in kind}
    if pa.types.is_list(kind):
        return [_as_text(item, kind.value_type) for item in value]
    return value


def _written(kind: Any) -> Any:
    """The type that values of a Parquet type have after a trip through JSON: dates and decimals are text there."""
    return _rebuilt(kind, lambda leaf: leaf if any(test(leaf) for test in _SCALARS) else pa.string())


def _finer(kind: Any) -> Any:
    """The type with timestamps as they are written, to the microsecond: pyarrow reads no finer one than it is told."""
    coarse = ("s", "ms")
    return _rebuilt(
        kind, lambda leaf: pa.timestamp("us", leaf.tz) if pa.types.is_timestamp(leaf) and leaf.unit in coarse else leaf
    )


def _rebuilt(kind: Any, leaf: Callable[[Any], Any]) -> Any:
    """The type with another one in place of each that holds no others."""
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _rebuilt(field.type, leaf)) for field in kind])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_rebuilt(kind.value_type, leaf))
    return leaf(kind)


def _stored_types(sources: Sequence[Source]) -> dict[str, Any]:
    """The types of the columns of Parquet and Arrow sources, of those on which all agree and which JSON can bring back."""
    types: dict[str, Any] = {}
    for source in sources:
        if source.kind in ("parquet", "arrow"):
            for field in stored_schema(source):
                kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
                types[field.name] = kind if types.get(field.name, kind) == kind else pa.null()
    return {name: kind for name, kind in types.items() if _reader(kind) or _comes_back(kind)}


def _reader(kind: Any) -> Callable[[str], Any] | None:
    """How a value that JSON had to write as text is read, where pyarrow does not know."""
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return base64.b64decode
    return time.fromisoformat if pa.types.is_time(kind) else None


def _comes_back(kind: Any) -> bool:
    """Whether values of a type survive the trip through JSON: bytes and times deep inside, maps and spans of time become text."""
    if pa.types.is_struct(kind):
        return all(_comes_back(field.type) for field in kind)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _comes_back(kind.value_type)
    return any(test(kind) for test in (*_SCALARS, *_WRITTEN_AS_TEXT))
