"""CSV and TSV with a header line, as blocks of records.

Owns: rows and columns. Must not know: compression, what a record says. A quoted field may hold newlines, so rows cannot be
cut off by searching for them: the reader parses, and workers get records.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from typing import Any

from newsclean.errors import InputError
from newsclean.formats import streams
from newsclean.formats.records import MAX_RECORD, Block, FieldNames, Rejected
from newsclean.formats.streams import Opened

_ROWS = 1000


def read_rows(opened: Opened, fields: FieldNames) -> Iterator[Block]:
    """The rows of a table. Raises InputError where it has no column for the text."""
    file = opened.source.name
    csv.field_size_limit(MAX_RECORD)
    reader = csv.reader(_lines(opened.chunks()), delimiter="," if opened.source.kind == "csv" else "\t")
    try:
        names = next(reader, [])
    except csv.Error as error:
        raise InputError(f"not a table: {error}", file=file, line=1) from None
    text_column(names, fields, file)
    records: list[tuple[str, int, dict[str, Any]]] = []
    rejected: list[Rejected] = []
    size = 0
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
            if row is None:
                break
            if row:
                records.append((file, line, _record(names, row)))
                size += sum(map(len, row))
        except (csv.Error, ValueError) as error:
            rejected.append(Rejected(file, line, str(error)))
        except InputError as error:  # the file breaks off: what was read before counts
            rejected.append(Rejected(file, line, error.why))
            break
        if size >= streams.CHUNK or len(records) + len(rejected) >= _ROWS:
            yield Block(file, records=tuple(records), rejected=tuple(rejected))
            records, rejected, size = [], [], 0
    yield Block(file, records=tuple(records), rejected=tuple(rejected))


def text_column(names: Sequence[str], fields: FieldNames, file: str) -> str:
    """The column that holds the text; InputError where there is none."""
    name = fields.names("text")[0]
    if name not in names:
        known = ", ".join(names)
        raise InputError(f"no column '{name}' (columns: {known[:200]}); name it with --text-field", file=file)
    return name


def _record(names: list[str], row: list[str]) -> dict[str, Any]:
    if len(row) != len(names):
        raise ValueError(f"{len(row)} fields, but the header names {len(names)}; is a quote missing?")
    try:
        "".join(row).encode()
    except UnicodeEncodeError:
        raise ValueError("not UTF-8; convert the file, e.g. iconv -f windows-1256 -t utf-8") from None
    return dict(zip(names, row, strict=True))


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Lines with their newlines, as `csv` wants them; what is not UTF-8 is marked by lone surrogates.

    Memory is bounded: of a line above MAX_RECORD no more than that is held.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    held, size = list[str](), 0
    for chunk in chunks:
        *lines, rest = decoder.decode(chunk).split("\n")
        if lines:
            yield _line([*held, lines[0]], size) + "\n"
            for line in lines[1:]:
                yield line + "\n"
            held, size = [], 0
        if size <= MAX_RECORD:
            held.append(rest)
        size += len(rest)
    if size:
        yield _line([*held, decoder.decode(b"", True)], size)


def _line(parts: list[str], size: int) -> str:
    """The line, or, if it is too long, one that `csv` refuses as such wherever it stands."""
    return "".join(parts) if size <= MAX_RECORD else "." * (MAX_RECORD + 1)
