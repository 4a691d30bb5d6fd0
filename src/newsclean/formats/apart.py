"""Blocks into records and, apart from them, a column of texts.

Owns: the short way that texts of JSON lines and Arrow rows take: as UTF-8 from the file into the column. Must not know: files,
what a record means (that is `records`, which reads all that this way does not fit).

A str made of a text, and bytes of that again, take as long as finding all phrases of all rules in it: a sixth of `prepare`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from newsclean.formats.records import (
    MAX_LINES,
    Batch,
    Block,
    FieldNames,
    Rejected,
    decode,
    document_of,
    load,
    parse,
    roles,
    text_of,
)
from newsclean.text import TextColumn

Ints = npt.NDArray[np.int64]


def parse_apart(block: Block, fields: FieldNames, every: int = 1) -> tuple[Batch, TextColumn]:
    """As `parse`, with the texts in a column; documents and records may lack theirs.

    every: 2 for every second record, and so on.
    """
    if block.lines:
        return _parse_lines(block, fields, every)
    name = fields.names("text")[0]
    if block.rows is not None and every == 1 and (texts := _arrow_texts(block.rows, name)):
        batch = parse(_without(block, name), fields)
        if len(batch.documents) == len(texts):  # no row was refused, so that each has its own text
            return batch, texts
    batch = parse(block, fields, every)
    return batch, TextColumn.from_texts(document.text for document in batch.documents)


def _arrow_texts(rows: Any, name: str) -> TextColumn | None:
    """The texts of a pyarrow RecordBatch, copied, if each row has one of a usual size."""
    import pyarrow as pa

    column = rows.column(name) if rows.schema.names.count(name) == 1 else None
    if column is None or column.null_count or not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return None
    texts = TextColumn.from_arrow(column)
    if (np.diff(texts.offsets) > MAX_LINES).any():
        return None
    first, last = texts.offsets[0], texts.offsets[-1]
    return TextColumn(texts.data[first:last].copy(), texts.offsets - first)


def _without(block: Block, name: str) -> Block:
    """A block of Arrow rows with empty texts."""
    import pyarrow as pa

    place = block.rows.schema.get_field_index(name)
    return replace(block, rows=block.rows.set_column(place, name, pa.repeat("", len(block.rows))))


def _parse_lines(block: Block, fields: FieldNames, every: int) -> tuple[Batch, TextColumn]:
    batch, name, names = Batch(rejected=list(block.rejected)), fields.names("text")[0], roles(fields)
    lines = _lines(block)[::every]
    quotes, column = _cut_texts(block.lines, lines, name)
    rows: list[int] = []
    given: dict[int, bytes] = {}  # texts that did not come the short way
    for n, ((number, start, stop), (opened, closed)) in enumerate(zip(lines, quotes.tolist(), strict=True)):
        try:
            record = None if opened < 0 else _load_rest(block.lines[start:opened] + block.lines[closed:stop])
            if record is None:
                record = decode(block.lines[start:stop])
                given[n] = text_of(record, name).encode("utf-8", "surrogatepass")
                record[name] = ""
            batch.documents.append(document_of(record, names, f"{block.file}:{number}", ""))
            batch.records.append(record)
            rows.append(n)
        except ValueError as error:
            batch.rejected.append(Rejected(block.file, number, str(error)))
    if not given and len(rows) == len(lines):
        return batch, column
    return batch, TextColumn.from_bytes([given[n] if n in given else column.encoded(n) for n in rows])


def _load_rest(line: bytes) -> dict[str, object] | None:
    """The record of a line without its text; None where it is none: the whole line may tell why, or be read tolerantly."""
    try:
        return load(line)
    except orjson.JSONDecodeError:
        return None


def _lines(block: Block) -> list[tuple[int, int, int]]:
    """Of each line that is not blank its number, where it starts in the block and where it stops."""
    raw, found, start, number = block.lines, [], 0, block.line
    while start < len(raw):
        stop = raw.find(b"\n", start)
        stop = len(raw) if stop < 0 else stop
        if start < stop and not (raw[start] <= 32 and raw[start:stop].isspace()):
            found.append((number, start, stop))
        start, number = stop + 1, number + 1
    return found


def _cut_texts(raw: bytes, lines: list[tuple[int, int, int]], name: str) -> tuple[Ints, TextColumn]:
    """Where the text of each line is, int64 [lines, 2], -1 where only a parser can tell; and the texts, empty for those."""
    from newsclean.kernels.unquote import PADDING, unquote  # numba takes a while to load, and `parse` does without

    quotes, offsets = np.empty((len(lines), 2), np.int64), np.empty(len(lines) + 1, np.int64)
    out = np.empty(len(raw) + PADDING, np.uint8)
    out[:PADDING] = 0
    bounds = np.array(lines, np.int64).reshape(-1, 3)[:, 1:]
    key = np.frombuffer(name.encode("utf-8", "surrogatepass"), np.uint8)
    unquote(np.frombuffer(raw, np.uint8), bounds, key, out, quotes, offsets)
    quotes[np.diff(offsets) > MAX_LINES] = -1  # it may have too many
    return quotes, TextColumn(out[PADDING : offsets[-1]], offsets - PADDING)
