"""A block of input into documents, and records back into JSON.

Owns: the names fields go by, what counts as a record, and the reasons for refusing one. Must not know: files,
compression, what becomes of a document. A record keeps its own field names and every value it came with; only
its text is replaced.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from newsclean.formats.warc import Page
from newsclean.text import Document

MAX_RECORD = 64 << 20
"""Bytes of the longest record that is read: a book has one million, a news story ten thousand."""

MAX_LINES = 1_000_000
"""Lines of the longest text that is read: what is known of a line takes a hundred bytes and more, however short it is."""

_ALIASES = {"language": ("language", "lang"), "published": ("published", "date")}
_MAX_INT = float(1 << 63)
_MAY_HIDE_FLOATS = frozenset((float, dict, list))


class Rejected(NamedTuple):
    """Input that could not be read: the file, the line (from 1; None: the file as a whole), and why."""

    file: str
    line: int | None
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}" if self.line else f"{self.file}: {self.why}"


@dataclass(frozen=True, slots=True)
class FieldNames:
    """What the fields of a record are called. Empty: the usual name or its alias (`lang`, `date`)."""

    text: str = ""
    id: str = ""
    url: str = ""
    site: str = ""
    language: str = ""
    published: str = ""
    title: str = ""
    source: str = ""

    def names(self, role: str) -> tuple[str, ...]:
        """The names a role may go by, the preferred one first."""
        given = getattr(self, role)
        return (given,) if given else _ALIASES.get(role, (role,))


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of one input, small enough for one worker, not yet understood.

    One of `lines` (JSONL), `rows` (a pyarrow RecordBatch) or `records` (made already, or pages of an archive) holds the
    content; `line` is the number of its first line, row or record. `read` counts the bytes of all input, as stored, up to
    the end of this block.
    """

    file: str
    line: int = 1
    lines: bytes = b""
    rows: Any = None
    records: tuple[tuple[str, int, dict[str, Any] | Page], ...] = ()
    rejected: tuple[Rejected, ...] = ()
    read: int = 0

    @property
    def size(self) -> int:
        """Bytes of its content, decompressed; about, where it has been decoded already."""
        if self.rows is not None:
            return int(self.rows.nbytes)
        if self.lines:
            return len(self.lines)
        kept = (record for *_, record in self.records)
        return sum(len(r.content) if isinstance(r, Page) else sum(map(len, r.values())) for r in kept)


@dataclass(frozen=True, slots=True)
class Batch:
    """The documents of a block, the records they were made from, and what was refused."""

    documents: list[Document] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def parse(block: Block, fields: FieldNames, every: int = 1) -> Batch:
    """The documents of a block. Never raises on bad data: what cannot be read is in `.rejected`.

    every: 2 for every second record, and so on.
    """
    batch, name, names = Batch(rejected=list(block.rejected)), fields.names("text")[0], roles(fields)
    for file, line, raw in islice(_raw_records(block), 0, None, every):
        try:
            record = decode(raw) if isinstance(raw, bytes) else raw.record(fields) if isinstance(raw, Page) else raw
            batch.documents.append(document_of(record, names, f"{file}:{line}", text_of(record, name)))
            batch.records.append(record)
        except ValueError as error:
            batch.rejected.append(Rejected(file, line, str(error)))
    return batch


def encode(record: Any) -> bytes:
    """JSON of a record, UTF-8, integers of any size kept; dates as ISO 8601, bytes as base64."""
    try:
        return orjson.dumps(record, default=_plain)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _raw_records(block: Block) -> Iterator[tuple[str, int, bytes | dict[str, Any] | Page]]:
    if block.lines:
        for line, raw in enumerate(block.lines.split(b"\n"), block.line):
            if raw and not raw.isspace():
                yield block.file, line, raw
    elif block.rows is not None:
        for line, row in enumerate(block.rows.to_pylist(), block.line):
            yield block.file, line, row
    else:
        yield from block.records


def load(raw: bytes) -> Any:
    """What orjson makes of JSON, but with integers of any size. Raises orjson.JSONDecodeError."""
    value = orjson.loads(raw)
    return json.loads(raw) if _rounded(value) else value


def decode(raw: bytes) -> dict[str, Any]:
    """The record on one line. ValueError says why there is none."""
    try:
        record = load(raw)
    except orjson.JSONDecodeError:
        record = _decode_tolerantly(raw)
    if not isinstance(record, dict):
        raise ValueError(f"the line holds {_kind(record)}, not a record such as {{'id': ..., 'text': ...}}")
    return record


def _rounded(value: Any) -> bool:
    """Whether orjson may have turned an integer beyond 64 bits into a float, somewhere in there."""
    kind = type(value)
    if kind is float:
        return abs(value) >= _MAX_INT
    if kind is dict or kind is list:
        for item in value.values() if kind is dict else value:
            if type(item) in _MAY_HIDE_FLOATS and _rounded(item):
                return True
    return False


def _decode_tolerantly(raw: bytes) -> Any:
    """What Python's json takes and orjson does not: NaN, and half of an emoji cut in two (replaced by U+FFFD)."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        bad = f"byte 0x{raw[error.start]:02x} at byte {error.start + 1}"
        raise ValueError(f"not UTF-8 ({bad}); convert it, e.g. iconv -f windows-1256 -t utf-8") from None
    if "\0" in text:
        raise ValueError("zero bytes: the file was damaged, or is not text")
    try:
        return _mend(json.loads(text))
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}; each line must hold one record") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    return value


def roles(fields: FieldNames) -> dict[str, tuple[str, ...]]:
    """The names that each role may go by."""
    return {role: fields.names(role) for role in FieldNames.__slots__}


def text_of(record: dict[str, Any], name: str) -> str:
    """The text of a record. ValueError says why it has none, or none that is taken."""
    text = record.get(name)
    if not isinstance(text, str):
        if name in record:
            raise ValueError(f"field '{name}' holds {_kind(text)}, not text")
        known = ", ".join(map(str, record)) or "none"
        raise ValueError(f"no field '{name}' (fields: {known[:200]}); name it with --text-field")
    if len(text) > MAX_RECORD:
        raise ValueError(f"field '{name}' is longer than {MAX_RECORD:,} characters, the limit for one text")
    if len(text) > MAX_LINES and text.count("\n") >= MAX_LINES:
        raise ValueError(f"field '{name}' has more than {MAX_LINES:,} lines, the limit for one text")
    return text


def document_of(record: dict[str, Any], names: dict[str, tuple[str, ...]], place: str, text: str) -> Document:
    """The document of a record; gives the record its place as id when it has none."""
    if not record.get(names["id"][0]) and record.get(names["id"][0]) != 0:
        record[names["id"][0]] = place
    url = _first(record, names["url"])
    return Document(
        text,
        id=_first(record, names["id"]) or place,
        url=url,
        site=_first(record, names["site"]) or (_host(url) if url else None),
        language=_first(record, names["language"]),
        published=_first(record, names["published"]),
        title=_first(record, names["title"]),
        source=_first(record, names["source"]),
    )


def to_record(document: Document, fields: FieldNames) -> dict[str, Any]:
    """The record of a document that was not read from one."""
    known = {fields.names(role)[0]: getattr(document, role) for role in FieldNames.__slots__}
    return {**{name: value for name, value in known.items() if value is not None}, **document.extra}


def _first(record: dict[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = record.get(name)
        if type(value) is str:
            if value:
                return value
        elif value is not None and not isinstance(value, dict | list | bool):
            return str(value)
    return None


def _host(url: str) -> str | None:
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def _kind(value: Any) -> str:
    kinds = {type(None): "null", bool: "true or false", list: "a list", dict: "an object", bytes: "bytes", str: "text"}
    return kinds.get(type(value), "a number")
