"""Parquet and Arrow files (a dataset that Hugging Face's `save_to_disk` wrote is a folder of these) as blocks of rows.

Owns: schemas, what partition folders add to rows. Must not know: what a record says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from newsclean.errors import InputError
from newsclean.formats import streams
from newsclean.formats.decoded import row_sizes, without_dictionaries
from newsclean.formats.parquet import MOST_ROWS, Parquet
from newsclean.formats.places import is_remote
from newsclean.formats.records import MAX_RECORD, Block, FieldNames, Rejected
from newsclean.formats.rows import text_column
from newsclean.formats.streams import Opened, Source

_TOO_LONG = f"longer than {MAX_RECORD >> 20} MB once decoded, the limit for one record"


def read_columns(opened: Opened, fields: FieldNames) -> Iterator[Block]:
    """The rows of a Parquet or Arrow file. Raises InputError where it cannot be read or has no text column."""
    source, line = opened.source, 1
    try:
        with _opened_table(opened) as (schema, batches):
            _check_columns(schema, fields, source.name)
            for rows in batches:
                rows.validate(full=True)  # text that is not UTF-8 would raise in the middle of a record
                for part, bearable in _cut(rows):
                    if bearable:
                        plain = _plain(_alone(without_dictionaries(part)))
                        yield Block(source.name, line, rows=_with_partition(plain, source))
                    else:
                        yield Block(source.name, rejected=(Rejected(source.name, line, _TOO_LONG),))
                    line += len(part)
    except (OSError, pa.ArrowException) as error:
        known = line if line > 1 else None
        raise InputError(f"not a readable {source.kind.capitalize()} file: {error}", file=source.name, line=known) from None


def stored_schema(source: Source) -> Any:
    """The schema of a Parquet or Arrow file."""
    opened = Opened(source)
    try:
        with _opened_table(opened) as (schema, _):
            return schema
    finally:
        opened.close()


@contextlib.contextmanager
def _opened_table(opened: Opened) -> Iterator[tuple[Any, Iterator[Any]]]:
    """The schema of a file and its rows in batches."""
    path = opened.source.path
    if opened.source.kind == "parquet":
        parquet = Parquet(opened.file() if is_remote(path) else path)
        yield parquet.schema, _told(parquet.rows(), parquet.share, opened)
        return
    with pa.PythonFile(opened.file(), "r") if is_remote(path) else pa.memory_map(path) as file:

        def share() -> float:
            return float(file.tell() / max(1, opened.source.size))

        magic = file.read(6)
        file.seek(0)
        if magic == b"ARROW1":
            table = pa.ipc.open_file(file)
            yield table.schema, _told(map(table.get_batch, range(table.num_record_batches)), share, opened)
        else:
            stream = pa.ipc.open_stream(file)
            yield stream.schema, _told(stream, share, opened)


def _told(batches: Iterable[Any], share: Callable[[], float], opened: Opened) -> Iterator[Any]:
    for rows in batches:
        opened.share = share()
        yield rows


def _cut(rows: Any) -> Iterator[tuple[Any, bool]]:
    """Parts of about a CHUNK once decoded, and whether such a part can be borne: a row beyond MAX_RECORD is a part of its own."""
    sizes = row_sizes(rows)
    huge = sizes > MAX_RECORD
    ends = np.cumsum(sizes) // streams.CHUNK + np.arange(len(sizes)) // MOST_ROWS + 2 * np.cumsum(huge) - huge
    for part in np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(ends)) + 1):
        if len(part):
            yield rows.slice(part[0], len(part)), not huge[part[0]]


def _alone(rows: Any) -> Any:
    """The rows without the buffers they are a slice of: pickle would send all of these to a worker."""
    return rows.take(pa.array(range(len(rows)))) if rows.get_total_buffer_size() > 2 * rows.nbytes else rows


def _plain(rows: Any) -> Any:
    """The rows with times to the microsecond: what Python sees of nanoseconds depends on whether pandas is there."""
    for at, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            kind = pa.timestamp("us", field.type.tz)
            rows = rows.set_column(at, field.with_type(kind), rows.column(at).cast(kind, safe=False))
    return rows


def _with_partition(rows: Any, source: Source) -> Any:
    """Folder names as columns of text; a column that the file itself has counts more."""
    for name, value in source.partition:
        if name not in rows.schema.names:
            rows = rows.append_column(name, pa.array([value] * len(rows), pa.string()))
    return rows


def _check_columns(schema: Any, fields: FieldNames, file: str) -> None:
    kind = schema.field(text_column(schema.names, fields, file)).type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise InputError(f"column '{fields.names('text')[0]}' holds {kind}, not text", file=file)
