"""What was prepared of the documents, on disk, in input order: the memory of a run.

Owns: the work folder, its files, and what of them survives a kill. Must not know: what the columns mean.

Every column is one growing file (texts and other bytes also have a file of lengths), so that later stages map a few
large files however many blocks there were. A block counts once its line stands in the journal, which also says how long
each file is then: what a kill left behind that is cut off.
"""

from __future__ import annotations

import json
import mmap
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures, sign
from newsclean.errors import UsageError
from newsclean.pipeline.prepare import NUMBERS, Prepared
from newsclean.pipeline.summary import Tally
from newsclean.text import TextColumn

_PIECE = 4 << 20
_ROWS = 1000
_MANIFEST, _JOURNAL = "manifest.json", "journal.jsonl"


def check_same(before: dict[str, Any], now: dict[str, Any], folder: Path) -> None:
    """Raise UsageError, naming what is different, unless both describe the same run."""
    for key, value in json.loads(json.dumps(now)).items():
        if before.get(key) != value:
            raise UsageError(f"{folder}: cannot resume: not the same {key} as before; start anew with --force")


def entries(column: TextColumn, start: int = 0, stop: int | None = None) -> list[bytes]:
    """The entries of consecutive rows, by default of all: ten times as fast as one by one."""
    bounds = column.offsets[start : len(column) + 1 if stop is None else stop + 1]
    data = column.data[bounds[0] : bounds[-1]].tobytes()
    return [data[a:b] for a, b in pairwise((bounds - bounds[0]).tolist())]


def spans(column: TextColumn) -> Iterator[tuple[int, int]]:
    """All rows as half-open ranges of some hundred, fewer where entries are long, so that a range can be held in memory."""
    start, rows = 0, len(column)
    while start < rows:
        full = int(np.searchsorted(column.offsets, column.offsets[start] + _PIECE, side="right")) - 1
        stop = min(max(full, start + 1), start + _ROWS, rows)
        yield start, stop
        start = stop


class Store:
    """The work folder of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blocks = 0
        self.tally = Tally()
        self._files: dict[str, IO[bytes]] = {}
        self._maps: list[mmap.mmap] = []

    @classmethod
    def create(cls, folder: Path, manifest: dict[str, Any]) -> Store:
        """A new, empty store; `manifest` says what run it belongs to."""
        folder.mkdir()
        part = folder / "manifest.part"
        part.write_text(json.dumps(manifest, ensure_ascii=False))
        part.replace(folder / _MANIFEST)
        return cls(folder)

    @classmethod
    def resume(cls, folder: Path, manifest: dict[str, Any]) -> Store:
        """The store of a run that was cut short, as of its last whole block.

        Raises UsageError, naming what is different, unless it is the store of the same run.
        """
        if not (folder / _MANIFEST).exists():  # killed before it began
            shutil.rmtree(folder)
            return cls.create(folder, manifest)
        check_same(json.loads((folder / _MANIFEST).read_text()), manifest, folder.parent)
        store = cls(folder)
        store._replay()
        return store

    def _replay(self) -> None:
        journal = self.folder / _JOURNAL
        whole, sizes = 0, dict[str, int]()
        for line in journal.read_bytes().splitlines(keepends=True) if journal.exists() else ():
            if not line.endswith(b"\n"):
                break
            entry = json.loads(line)
            sizes = entry["sizes"]
            self.tally.add(Tally.from_dict(entry["tally"]))
            self.blocks += 1
            whole += len(line)
        for path in self.folder.glob("*.bin"):
            with path.open("r+b") as file:
                file.truncate(sizes.get(path.stem, 0))
        if journal.exists():
            with journal.open("r+b") as file:
                file.truncate(whole)

    def append(self, block: Prepared) -> None:
        """Add a block behind those before it."""
        for name, column in block.columns.items():
            self._write(name, column.data[column.offsets[0] : column.offsets[-1]])
            self._write(f"{name}-sizes", np.diff(column.offsets))
        for f in fields(Signatures):
            self._write(f.name, getattr(block.signatures, f.name))
        for name, numbers in block.numbers.items():
            self._write(name, numbers)
        for name, lines in block.lines.items():
            self._write(name, np.frombuffer(lines, np.uint8))
        sizes = {name: file.tell() for name, file in self._files.items()}
        entry = {"sizes": sizes, "tally": block.tally.as_dict()}
        with (self.folder / _JOURNAL).open("ab") as journal:
            journal.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self.tally.add(block.tally)
        self.blocks += 1

    def _write(self, name: str, values: npt.NDArray[Any]) -> None:
        file = self._files.get(name)
        if file is None:
            # Unbuffered: what the journal counts must have left this process.
            file = self._files[name] = self.path(name).open("ab", buffering=0)
        left = memoryview(np.ascontiguousarray(values).reshape(-1).view(np.uint8))  # type: ignore[arg-type]
        while left:
            left = left[file.write(left) :]

    def path(self, name: str) -> Path:
        """The file of a column or of lines."""
        return self.folder / f"{name}.bin"

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def __len__(self) -> int:
        return self.tally.read["documents"] + self.tally.read["split"]

    def column(self, name: str) -> TextColumn:
        """A column of texts or other bytes, mapped into memory."""
        offsets = np.zeros(len(self) + 1, np.int64)
        np.cumsum(self._array(f"{name}-sizes", np.int64), out=offsets[1:])
        return TextColumn(self._array(name, np.uint8), offsets)

    def each(self, name: str) -> Iterator[bytes]:
        """The entries of a column one after the other, of which only some thousand are in memory."""
        column = self.column(name)
        for start, stop in spans(column):
            yield from entries(column, start, stop)
            self.release()

    def texts(self, rows: npt.NDArray[np.int64]) -> TextColumn:
        """The cleaned texts of `rows`, in that order. Read, not mapped: rows far apart would bring in what lies between."""
        starts = self._text_offsets[rows].tolist()
        sizes = (self._text_offsets[rows + 1] - self._text_offsets[rows]).tolist()
        found = []
        with self.path("text").open("rb", buffering=0) as file:
            for start, size in zip(starts, sizes, strict=True):
                file.seek(start)
                found.append(file.read(size))
        return TextColumn.from_bytes(found)

    @cached_property
    def _text_offsets(self) -> npt.NDArray[np.int64]:
        return self.column("text").offsets

    def release(self) -> None:
        """Let go of the pages of mapped files read so far: the system would count them as ours while it has room."""
        for mapped in self._maps:
            if hasattr(mapped, "madvise"):  # not on Windows
                mapped.madvise(mmap.MADV_DONTNEED)

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of one output file, in pieces that end at the end of a line."""
        rest = b""
        with self.path(name).open("rb") as file:
            while piece := file.read(_PIECE):
                cut = piece.rfind(b"\n") + 1
                if cut:
                    yield rest + piece[:cut]
                rest = piece[cut:] if cut else rest + piece
        yield rest

    def numbers(self, name: str) -> npt.NDArray[Any]:
        """One number for each document, see `prepare.NUMBERS`; mapped into memory."""
        return self._array(name, NUMBERS[name])

    def signatures(self, settings: DedupSettings) -> Signatures:
        """The signatures of all documents, mapped into memory."""
        shapes = sign(TextColumn.from_bytes([]), settings)
        arrays: dict[str, Any] = {}
        for f in fields(Signatures):
            like = getattr(shapes, f.name)
            arrays[f.name] = self._array(f.name, like.dtype).reshape(-1, *like.shape[1:])
        return _Mapped(**arrays, store=self)

    def _array(self, name: str, kind: npt.DTypeLike) -> npt.NDArray[Any]:
        path = self.path(name)
        if not path.exists() or not path.stat().st_size:
            return np.zeros(0, kind)
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._maps.append(mapped)
        return np.frombuffer(mapped, kind)


@dataclass(frozen=True)
class _Mapped(Signatures):
    """Signatures in the files of a store."""

    store: Store

    def release(self) -> None:
        self.store.release()
