"""Results into files: JSONL (plain or compressed) and Parquet, complete or not there at all.

Owns: output names, compression, and the promise that nothing is overwritten unasked and nothing half-written bears
its final name. Must not know: what the records say.
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

from newsclean.errors import UsageError

COMPRESSIONS = {"zstd": ".zst", "gzip": ".gz"}
STDOUT = "-"


class _Sink(Protocol):
    def write(self, lines: bytes, /) -> object: ...
    def close(self) -> object: ...


class OutputFile:
    """Records on their way into a file, which gets its name when the `with` block ends without an error."""

    def __init__(self, sink: _Sink, part: Path, path: Path) -> None:
        self._sink, self._part, self._path = sink, part, path
        self.name = path.name

    def write(self, lines: bytes) -> None:
        """Add JSON lines, each ending in a newline."""
        if lines:
            self._sink.write(lines)

    def __enter__(self) -> OutputFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._sink.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)


class StandardOutput:
    """JSON lines to standard output, passed on at once so that the next program in a pipe can go on."""

    def write(self, lines: bytes) -> None:
        sys.stdout.buffer.write(lines)
        sys.stdout.buffer.flush()

    def __enter__(self) -> StandardOutput:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def open_output(folder: Path, name: str, compress: str | None = None, schema: Any = None) -> OutputFile:
    """A file for records named `name` in `folder`: `.jsonl`, `.jsonl.zst`, `.jsonl.gz`.

    With a pyarrow `schema` it is `.parquet`, with that schema.
    """
    path = folder / output_name(name, compress, parquet=schema is not None)
    part = folder / f".{path.name}.part"
    if schema is None:
        return OutputFile(_open_sink(part, compress), part, path)
    from newsclean.formats.tables import ParquetSink

    return OutputFile(ParquetSink(part, schema), part, path)


def output_name(name: str, compress: str | None = None, parquet: bool = False) -> str:
    """`documents.jsonl.zst` and the like."""
    return f"{name}.parquet" if parquet else f"{name}.jsonl{COMPRESSIONS[compress] if compress else ''}"


def remove_stale(folder: Path, names: Iterable[str], written: Collection[str]) -> None:
    """Remove what an earlier run left under these names in another format or compression."""
    for name in names:
        for ending in (".jsonl", *(f".jsonl{suffix}" for suffix in COMPRESSIONS.values()), ".parquet"):
            if name + ending not in written:
                (folder / f"{name}{ending}").unlink(missing_ok=True)


def open_stream(target: str, force: bool = False) -> OutputFile | StandardOutput:
    """Where a command streams its result: standard output (`-`), or a file, compressed as its suffix says."""
    if target == STDOUT:
        return StandardOutput()
    path = Path(target)
    if path.exists() and not force:
        raise UsageError(f"{target}: exists already; name another file, or overwrite it with --force")
    compress = next((name for name, suffix in COMPRESSIONS.items() if path.suffix == suffix), None)
    part = path.with_name(f".{path.name}.part")
    try:
        return OutputFile(_open_sink(part, compress), part, path)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror}") from None


def claim_folder(folder: Path, *, force: bool) -> None:
    """Make sure `folder` exists, can be written, and holds nothing unless `force`. Raises UsageError otherwise."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        inside = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder}: cannot be the output folder: {error.strerror}; name another with -o") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{folder}: the output folder cannot be written; name another with -o")
    if inside and not force:
        raise UsageError(f"{folder}: the output folder is not empty (it holds {inside[0]}); name another, or --force")


def _open_sink(path: Path, compress: str | None) -> _Sink:
    """A byte stream into a file. The compressed bytes depend on the content alone, not on the time or the name."""
    if compress == "gzip":
        return _Gzip(path)
    if compress == "zstd":
        import zstandard

        return zstandard.ZstdCompressor(level=3).stream_writer(path.open("wb"))
    return path.open("wb")


class _Gzip(gzip.GzipFile):
    def __init__(self, path: Path) -> None:
        self._stored: IO[bytes] = path.open("wb")
        super().__init__("", "wb", 6, self._stored, mtime=0)

    def close(self) -> None:
        super().close()
        self._stored.close()
