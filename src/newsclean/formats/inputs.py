"""Inputs cut into blocks.

Owns: where one may cut, and what is too long. Must not know: how inputs are found, compression, what a record says. One
process reads (that costs little); blocks go to as many workers as there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from newsclean.errors import InputError
from newsclean.formats import streams
from newsclean.formats.records import MAX_RECORD, Block, FieldNames, Rejected
from newsclean.formats.rows import read_rows
from newsclean.formats.streams import Opened, Source
from newsclean.formats.warc import Page, archived_pages

_MOST_MERGED = 4096  # records
_TOO_LONG = f"longer than {MAX_RECORD >> 20} MB, the limit for one record; is a newline missing after each record?"


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
    size = 0  # of what is held: of a compressed file little may have been read
    for block in blocks:
        size += block.size
        if block.records and held and size < streams.CHUNK and len(held.records) < _MOST_MERGED:
            rejected = held.rejected + block.rejected
            held = replace(held, records=held.records + block.records, rejected=rejected, read=block.read)
            continue
        if held:
            yield held
        held, size = (block, block.size) if block.records else (None, 0)
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


def _read_columns(opened: Opened, fields: FieldNames) -> Iterator[Block]:
    from newsclean.formats.columnar import read_columns  # pyarrow.parquet takes a while to load

    return read_columns(opened, fields)


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


def _read_archive(opened: Opened, fields: FieldNames) -> Iterator[Block]:
    """The pages of a web archive, a CHUNK of them at a time."""
    file = opened.source.name
    pages: list[tuple[str, int, Page]] = []
    refused: list[Rejected] = []
    size = 0
    try:
        for number, page in archived_pages(opened.chunks(), MAX_RECORD):
            if isinstance(page, str):
                refused.append(Rejected(file, number, page))
                continue
            pages.append((file, number, page))
            size += len(page.content)
            if size >= streams.CHUNK:
                yield Block(file, records=tuple(pages), rejected=tuple(refused))
                pages, refused, size = [], [], 0
    except (OSError, InputError) as error:
        why = error.why if isinstance(error, InputError) else f"not a readable web archive from here on: {error}"
        refused.append(Rejected(file, pages[-1][1] + 1 if pages else None, why))
    yield Block(file, records=tuple(pages), rejected=tuple(refused))


_READERS = {
    "jsonl": _read_lines, "csv": read_rows, "tsv": read_rows, "parquet": _read_columns, "arrow": _read_columns,
    "text": _read_text, "warc": _read_archive,
}  # fmt: skip
