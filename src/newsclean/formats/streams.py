"""Files and standard input as chunks of decompressed bytes.

Owns: compression, damage, how much is read at once. Must not know: lines, records.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import queue
import shutil
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from isal import igzip, isal_zlib

from newsclean.errors import InputError
from newsclean.formats.places import is_remote, open_remote

CHUNK = 4 << 20
"""Bytes read at once, and so the size of a block: small enough to balance workers, large enough to hide overheads."""

STDIN = "-"
_DAMAGED: tuple[type[Exception], ...] = (OSError, EOFError, lzma.LZMAError, isal_zlib.error)  # type: ignore[assignment]
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\xfd7zXZ\0": "xz"}
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the input: where it is, what messages and ids call it, what it holds, its size in bytes."""

    path: str
    name: str
    kind: str
    size: int = 0
    modified: int = 0
    """Nanoseconds since 1970, as the file system says; of a file elsewhere, a number that changes when it does."""
    partition: tuple[tuple[str, str | None], ...] = ()
    """What the folders it is in say of it, as names and values."""

    @property
    def address(self) -> str:
        """Where it is, as others may read it: a web address without its query, which may be a signature."""
        return self.path.partition("?")[0] if self.path.startswith(("http://", "https://")) else self.path


@contextlib.contextmanager
def read_again(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """The same sources, each of which can be read more than once: standard input is copied to disk meanwhile."""
    with tempfile.TemporaryDirectory(prefix="newsclean-") as folder:
        yield [_on_disk(source, Path(folder)) if source.path == STDIN else source for source in sources]


def _on_disk(source: Source, folder: Path) -> Source:
    copy = folder / "stdin"
    with copy.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return replace(source, path=str(copy), size=copy.stat().st_size)


class Opened:
    """A source opened for reading: decompressed chunks, and how far into the stored file reading has come."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.raw: io.BufferedReader | None = None
        self.share = 0.0
        """How much has been read, where a reader jumps about in the file."""

    def position(self) -> int:
        if self.share:
            return min(self.source.size, int(self.source.size * self.share))
        if self.raw is None or self.source.path == STDIN:
            return 0
        return self.source.size if self.raw.closed else self.raw.tell()  # pyarrow closes what it has read to the end

    def close(self) -> None:
        if self.raw and self.source.path != STDIN:
            self.raw.close()

    def file(self) -> io.BufferedReader:
        """The stored bytes."""
        self.raw = _open(self.source.path)
        return self.raw

    def chunks(self) -> Iterator[bytes]:
        """The content, decompressed as its first bytes say. Raises InputError where it cannot be read further."""
        try:
            raw = self.file()
            head = raw.peek(8)
            if head.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise InputError("UTF-16 text; convert it: iconv -f utf-16 -t utf-8", file=self.source.name)
            codec = next((codec for magic, codec in _MAGIC.items() if head.startswith(magic)), None)
            first = True
            for chunk in self._content(raw, codec):
                yield chunk.removeprefix(_BOM) if first else chunk
                first = False
            if first:
                raise InputError("the file is empty", file=self.source.name)
        except _DAMAGED as error:
            raise InputError(f"cannot be read further: {_reason(error)}", file=self.source.name) from None

    def _content(self, raw: io.BufferedReader, codec: str | None) -> Iterator[bytes]:
        if codec is None:
            yield from _available(raw) if self.source.path == STDIN else _whole(raw)
            return
        done = 0
        try:
            for chunk in _whole(_decompressed(raw, codec)):
                yield chunk
                done += len(chunk)
        except _DAMAGED:
            if self.source.path != STDIN:
                yield from _salvaged(self.source.path, codec, done)
            raise


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    damaged = "the compressed data ends early or is damaged; get the file again"
    return f"{damaged} ({error})"


def _open(path: str) -> io.BufferedReader:
    if is_remote(path):
        return open_remote(path)
    if path != STDIN:
        return Path(path).open("rb")
    stream: Any = sys.stdin.buffer
    return stream if hasattr(stream, "peek") else io.BufferedReader(stream)


def _decompressed(raw: io.BufferedReader, codec: str) -> Any:
    """The content of `raw`. pyarrow's readers notice a truncated .zst; the zstandard package takes it for the end."""
    if codec == "xz":
        return lzma.open(raw)
    if codec == "gzip":
        return igzip.open(raw)  # type: ignore[no-untyped-call]
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(raw, "r"), codec)


def _salvaged(path: str, codec: str, start: int) -> Iterator[bytes]:
    """What a damaged file holds between `start` and the damage: the fast readers lose the chunk that fails."""
    import zstandard

    openers: dict[str, Any] = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open, "zstd": zstandard.open}
    with (
        contextlib.suppress(OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError),
        _open(path) as raw,
        openers[codec](raw) as stream,
    ):
        while chunk := stream.read1(1 << 16):
            if len(chunk) > start:
                yield chunk[start:]
            start = max(0, start - len(chunk))


def _whole(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _available(raw: io.BufferedReader) -> Iterator[bytes]:
    """What has arrived so far: a slow stream is passed on as it comes, a fast one in bulk."""
    arrived: queue.Queue[bytes | Exception] = queue.Queue(maxsize=64)

    def fetch() -> None:
        try:
            while chunk := raw.read1(CHUNK):
                arrived.put(chunk)
            arrived.put(b"")
        except (OSError, ValueError) as error:
            arrived.put(error)

    threading.Thread(target=fetch, daemon=True, name="newsclean-stdin").start()
    while True:
        parts = [arrived.get()]
        while parts[-1] and not arrived.empty() and len(parts) < 64:
            parts.append(arrived.get())
        ended = parts.pop() if isinstance(parts[-1], Exception) or not parts[-1] else None
        if parts:
            yield b"".join(part for part in parts if isinstance(part, bytes))
        if isinstance(ended, Exception):
            raise ended
        if ended is not None:
            return
