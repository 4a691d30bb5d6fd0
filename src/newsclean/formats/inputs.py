"""Inputs found, opened and cut into blocks.

Owns: which files a path stands for, and where one may cut. Must not know: compression, what a record says. One
process reads (that costs little); blocks go to as many workers as there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsclean.errors import InputError
from newsclean.formats import streams
from newsclean.formats.records import MAX_RECORD, Block, FieldNames, Rejected
from newsclean.formats.rows import read_rows, text_column
from newsclean.formats.streams import STDIN, Opened, Source

_LINES = dict.fromkeys((".jsonl", ".ndjson", ".json"), "jsonl")
_KINDS = {**_LINES, ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet", ".pq": "parquet", ".txt": "text"}
_COMPRESSED = {".gz", ".zst", ".zstd", ".bz2", ".xz"}
_TOO_LONG = f"longer than {MAX_RECORD >> 20} MB, the limit for one record; is a newline missing after each record?"


def _source(path: Path, name: str, kind: str) -> Source:
    told = path.stat()
    return Source(str(path), name, kind, told.st_size, told.st_mtime_ns)


def find_sources(inputs: Sequence[str | Path]) -> list[Source]:
    """The files that paths stand for, in order; a folder stands for all files in it that can be read, sorted by path.

    Raises InputError when a path does not exist or a folder holds nothing to read.
    """
    sources: list[Source] = []
    for given in map(str, inputs):
        path = Path(given)
        if given == STDIN:
            sources.append(Source(STDIN, "stdin", "jsonl"))
        elif path.is_dir():
            sources += _folder_sources(path)
        elif path.exists():
            kind = _kind(path) or "jsonl"
            sources.append(_source(path, path.name if kind == "text" else given, kind))
        else:
            raise InputError("no such file or folder", file=given)
    return sources


def _folder_sources(folder: Path) -> list[Source]:
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        kind = _kind(path)
        if kind and path.is_file() and not any(part.startswith((".", "_")) for part in inside.parts):
            found.append(_source(path, inside.as_posix() if kind == "text" else str(path), kind))
    if not found:
        raise InputError(f"the folder holds no {', '.join(_KINDS)} file", file=folder)
    return found


def _kind(path: Path) -> str | None:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return _KINDS.get(suffixes[-1]) if suffixes else None


def read_blocks(sources: Sequence[Source], fields: FieldNames) -> Iterator[Block]:
    """All blocks of all sources, in order. The same input always gives the same blocks, except from standard input.

    Never raises on bad data: a file that cannot be read (to its end) is told of in a block's `rejected`.
    """
    return _merged(_blocks(sources, fields))


def _blocks(sources: Sequence[Source], fields: FieldNames) -> Iterator[Block]:
    done = 0
    for source in sources:
        opened = Opened(source)
        try:
            for block in _READERS[source.kind](opened, fields):
                yield replace(block, read=done + opened.position())
        except InputError as error:
            refused = Rejected(source.name, error.line, error.why)
            yield Block(source.name, rejected=(refused,), read=done + source.size)
        finally:
            opened.close()
        done += source.size


def _merged(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks, those of single documents gathered into larger ones."""
    held: Block | None = None
    start = 0
    for block in blocks:
        if block.records and held and block.read - start < streams.CHUNK and len(held.records) < 4096:
            held = replace(held, records=held.records + block.records, read=block.read)
            continue
        if held:
            yield held
        held, start = (block, block.read) if block.records else (None, 0)
        if not held:
            yield block
    if held:
        yield held


def _read_lines(opened: Opened, fields: FieldNames) -> Iterator[Block]:
    """JSONL cut behind newlines. Memory is bounded: a line above MAX_RECORD is skipped without being held."""
    file = opened.source.name
    line, held, size = 1, list[bytes](), 0
    try:
        for chunk in opened.chunks():
            if line == 1 and not held and chunk.lstrip()[:1] == b"[":
                raise InputError(_JSON_ARRAY.format(file=file), file=file)
            if size > MAX_RECORD:
                _, newline, chunk = chunk.partition(b"\n")
                if not newline:
                    continue
                yield Block(file, rejected=(Rejected(file, line, _TOO_LONG),))
                line, size = line + 1, 0
            cut = chunk.rfind(b"\n") + 1
            if cut:
                lines = b"".join((*held, chunk[:cut]))
                yield Block(file, line, lines)
                line, held, size = line + lines.count(b"\n"), [], 0
            held.append(chunk[cut:])
            size += len(chunk) - cut
            if size > MAX_RECORD:
                held = []
    except InputError as error:
        yield Block(file, rejected=(Rejected(file, line if line > 1 or held else None, error.why),))
        return
    if size > MAX_RECORD:
        yield Block(file, rejected=(Rejected(file, line, _TOO_LONG),))
    elif size:
        yield Block(file, line, b"".join(held))


_JSON_ARRAY = "one JSON array, not one record a line; convert it: jq -c '.[]' {file} > records.jsonl"


def _read_parquet(opened: Opened, fields: FieldNames) -> Iterator[Block]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file, line = opened.source.name, 1
    try:
        with pq.ParquetFile(opened.source.path) as parquet:
            _check_columns(parquet.schema_arrow, fields, file)
            rows_per_block = max(1, min(10_000, streams.CHUNK // _bytes_per_row(parquet.metadata)))
            for rows in parquet.iter_batches(rows_per_block):
                yield Block(file, line, rows=rows)
                line += len(rows)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"not a readable Parquet file: {error}", file=file, line=line if line > 1 else None) from None


def _bytes_per_row(metadata: Any) -> int:
    total: int = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    rows: int = metadata.num_rows
    return max(1, total // max(1, rows))


def _check_columns(schema: Any, fields: FieldNames, file: str) -> None:
    import pyarrow as pa

    kind = schema.field(text_column(schema.names, fields, file)).type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise InputError(f"column '{fields.names('text')[0]}' holds {kind}, not text", file=file)


def _read_text(opened: Opened, fields: FieldNames) -> Iterator[Block]:
    """A text file is one document, whose id is its path below the folder that was named."""
    file = opened.source.name
    parts, size = [], 0
    for chunk in opened.chunks():
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_RECORD:
            raise InputError(_TOO_LONG, file=file)
    try:
        text = b"".join(parts).decode()
    except UnicodeDecodeError as error:
        why = f"not UTF-8 (byte {error.start + 1}); convert it, e.g. iconv -f windows-1256 -t utf-8"
        raise InputError(why, file=file) from None
    record = {fields.names("id")[0]: file, fields.names("text")[0]: text}
    yield Block(file, records=((file, 1, record),))


_READERS = {"jsonl": _read_lines, "csv": read_rows, "tsv": read_rows, "parquet": _read_parquet, "text": _read_text}
