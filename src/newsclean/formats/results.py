"""The files of a run, read back.

Owns: which file of an output folder holds what, in whichever format it was written. Must not know: what the records say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from newsclean.errors import InputError
from newsclean.formats.outputs import output_files
from newsclean.formats.streams import Opened, Source


def read_results(folder: Path, name: str, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The records of the output `name` (`documents` and the like) of a run, in order.

    columns: all that is needed of them, which spares reading the others from Parquet. Raises InputError where there is no
    such file, or none that can be read.
    """
    files = output_files(folder, name)
    if not files:
        why = f"holds no {name}: it is not the whole output of `newsclean run`, or of an older version"
        raise InputError(why, file=folder)
    for path in files:
        yield from _table_rows(path, columns) if path.suffix == ".parquet" else _lines(path)


def _table_rows(path: Path, columns: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as table:
        known = None if columns is None else [name for name in columns if name in table.schema_arrow.names]
        for rows in table.iter_batches(4096, columns=known):
            for row in rows.to_pylist():
                yield {key: value for key, value in row.items() if value is not None}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    size = path.stat().st_size
    if not size:
        return
    opened, held, number = Opened(Source(str(path), str(path), "jsonl", size)), b"", 0
    try:
        for chunk in opened.chunks():
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                number += 1
                yield orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(f"not JSON: {error}", file=path, line=number) from None
    finally:
        opened.close()
