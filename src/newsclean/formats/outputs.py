"""Results into files: JSONL (plain or compressed) and Parquet, complete or not there at all.

Owns: output names, compression, and the promise that nothing is overwritten unasked and nothing half-written bears
its final name. Must not know: what the records say.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

from newsclean.errors import UsageError
from newsclean.formats.places import exists, is_remote, upload

COMPRESSIONS = {"zstd": ".zst", "gzip": ".gz"}
STDOUT = "-"


class _Sink(Protocol):
    def write(self, lines: bytes, /) -> object: ...
    def close(self) -> object: ...


class OutputFile:
    """Records on their way into a file, which gets its name when the `with` block ends without an error."""

    def __init__(self, sink: _Sink, part: Path, target: Path | str) -> None:
        self._sink, self._part, self._target = sink, part, target
        self.name = Path(target).name

    def write(self, lines: bytes) -> None:
        """Add JSON lines, each ending in a newline."""
        if lines:
            self._sink.write(lines)

    def __enter__(self) -> OutputFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._sink.close()
        if kind is None and isinstance(self._target, Path):
            self._part.replace(self._target)
            return
        try:
            if kind is None:
                upload(self._part, str(self._target))
        finally:
            self._part.unlink(missing_ok=True)


class OutputFiles:
    """Records on their way into a file, or into several where they are more than `size` bytes of JSON lines.

    Where one ends depends on the records alone, not on format, compression or the pieces they come in.
    """

    def __init__(self, open_file: Callable[[str], OutputFile], size: int | None) -> None:
        self._open_file, self._size = open_file, size
        self._files = contextlib.ExitStack()
        self._file: OutputFile | None = None
        self._held = 0
        self.names: list[str] = []

    def write(self, lines: bytes) -> None:
        """Add JSON lines, each ending in a newline."""
        while self._size and self._held + len(lines) > self._size:
            cut = lines.rfind(b"\n", 0, self._size - self._held) + 1
            if not cut and not self._held:  # a record larger than a shard has one to itself
                cut = lines.find(b"\n") + 1
            self._add(lines[:cut])
            self._close()
            lines = lines[cut:]
        self._add(lines)

    def _add(self, lines: bytes) -> None:
        if lines:
            self._current().write(lines)
            self._held += len(lines)

    def _current(self) -> OutputFile:
        if self._file is None:
            shard = f"-{len(self.names):05}" if self._size else ""
            self._file = self._files.enter_context(self._open_file(shard))
            self.names.append(self._file.name)
        return self._file

    def _close(self) -> None:
        self._files.close()
        self._file, self._held = None, 0

    def __enter__(self) -> OutputFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None and not self.names:  # no record: one file without any
            self._current()
        self._files.__exit__(kind, error, trace)


class StandardOutput:
    """JSON lines to standard output, passed on at once so that the next program in a pipe can go on."""

    def write(self, lines: bytes) -> None:
        sys.stdout.buffer.write(lines)
        sys.stdout.buffer.flush()

    def __enter__(self) -> StandardOutput:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def open_output(
    folder: Path, name: str, compress: str | None = None, schema: Any = None, shard_size: int | None = None
) -> OutputFiles:
    """A file for records named `name` in `folder`: `.jsonl`, `.jsonl.zst`, `.jsonl.gz`; `.parquet` with a pyarrow `schema`.

    shard_size: bytes of JSON lines, before compression, from which on another file begins, with a number: `name-00000.jsonl`.
    """

    def open_file(shard: str) -> OutputFile:
        path = folder / output_name(name + shard, compress, parquet=schema is not None)
        part = folder / f".{path.name}.part"
        if schema is None:
            return OutputFile(_open_sink(part, compress), part, path)
        from newsclean.formats.tables import ParquetSink

        return OutputFile(ParquetSink(part, schema), part, path)

    return OutputFiles(open_file, shard_size)


def output_name(name: str, compress: str | None = None, parquet: bool = False) -> str:
    """`documents.jsonl.zst` and the like."""
    return f"{name}.parquet" if parquet else f"{name}.jsonl{COMPRESSIONS[compress] if compress else ''}"


def is_output(file: str, name: str) -> bool:
    """Whether a file may be (a shard of) the output of that name, in any format.

    >>> [is_output(file, "documents") for file in ("documents.jsonl.zst", "documents-00001.parquet", "documents.txt")]
    [True, True, False]
    """
    packed = "|".join(map(re.escape, COMPRESSIONS.values()))
    return bool(re.fullmatch(rf"{re.escape(name)}(-\d{{5,}})?\.(parquet|jsonl({packed})?)", file))


def output_files(folder: Path, name: str) -> list[Path]:
    """The files of an output, in order, in whichever format it was written."""
    found = [path for path in folder.iterdir() if is_output(path.name, name)]
    return sorted(found, key=lambda path: (len(path.name), path.name))


def remove_stale(folder: Path, names: Iterable[str], written: Collection[str]) -> None:
    """Remove what an earlier run left under these names in another format or compression, or in more shards."""
    for name in names:
        for path in output_files(folder, name):
            if path.name not in written:
                path.unlink()


def open_stream(target: str, force: bool = False) -> OutputFile | StandardOutput:
    """Where a command streams its result: standard output (`-`), or a file, compressed as its suffix says."""
    if target == STDOUT:
        return StandardOutput()
    path = Path(target)
    if (exists(target) if is_remote(target) else path.exists()) and not force:
        raise UsageError(f"{target}: exists already; name another file, or overwrite it with --force")
    compress = next((name for name, suffix in COMPRESSIONS.items() if path.suffix == suffix), None)
    if is_remote(target):  # made here, put there when it is whole
        descriptor, made = tempfile.mkstemp(prefix="newsclean-")
        os.close(descriptor)
        return OutputFile(_open_sink(Path(made), compress), Path(made), target)
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
