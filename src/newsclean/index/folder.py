"""The folder of an index: which segments make up its present state.

Owns: the manifest `index.json`, the lock, and the promise that a crash at any point leaves the last state committed.
Must not know: what is in a segment, how documents are compared.

Segments are written first and never changed; replacing the manifest, atomically, makes them count. A reader takes one
manifest and sees what it names, whatever a writer does meanwhile.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import sign
from newsclean.errors import UsageError
from newsclean.text import TextColumn

FORMAT = 1
"""Of the files; to be raised when an older newsclean could not read them."""

_MANIFEST, _LOCK = "index.json", ".lock"
# Signed when an index is created and again when it is opened: tokens, folding and shingles must not have changed between.
_PROBE = "Ein Maß für 3 Ängste: إعلان اليوم ۱۲۳. 市政府昨日宣布工程 ข่าวน้ำท่วมวันนี้ co-\noperate naïve."


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment in the manifest. expired: the day up to which its documents do not count, -inf for none."""

    name: str
    documents: int
    expired: float = -math.inf


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of an index."""

    settings: DedupSettings
    number: int = 0
    """Of commits so far."""
    documents: int = 0
    """Ever added; the next document gets this number."""
    named: int = 0
    """Segments ever written, so that a name never comes again."""
    entries: tuple[Entry, ...] = ()


def create(folder: Path, settings: DedupSettings) -> None:
    """Begin an empty index. Raises UsageError if the folder holds anything."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = next((path.name for path in folder.iterdir() if path.name != _LOCK), None)
    except FileExistsError:
        raise UsageError(f"{folder}: is a file; an index needs a folder of its own") from None
    except OSError as error:
        raise UsageError(f"{folder}: cannot be the folder of an index: {error.strerror}") from None
    if used:
        raise UsageError(f"{folder}: not empty (it holds {used}); an index needs a folder of its own")
    commit(folder, Generation(settings))


def stamp(folder: Path) -> tuple[int, int]:
    """Changes with every commit."""
    try:
        told = (folder / _MANIFEST).stat()
    except OSError:
        raise UsageError(f"{folder}: no index is here; begin one with: newsclean index create {folder}") from None
    return told.st_mtime_ns, told.st_ino


def read(folder: Path, settings: DedupSettings | None = None) -> Generation:
    """The present state. Raises UsageError if it is not ours to read, or was not made with these settings."""
    stamp(folder)
    try:
        return _generation(folder, json.loads((folder / _MANIFEST).read_text(encoding="utf-8")), settings)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder}: damaged, {_MANIFEST} cannot be read ({error}); {ANEW}") from None


def _generation(folder: Path, told: dict[str, Any], settings: DedupSettings | None) -> Generation:
    if told["format"] != FORMAT:
        raise UsageError(f"{folder}: format {told['format']}, this newsclean reads {FORMAT}; {ANEW}")
    made = _settings(folder, told["settings"])
    if settings is not None and settings != made:
        different = ", ".join(name for name, value in asdict(made).items() if getattr(settings, name) != value)
        raise UsageError(
            f"{folder}: was made with other settings ({different}); leave them out, or begin another index"
        )
    if told["probe"] != _probe(made):
        raise UsageError(f"{folder}: newsclean {told['newsclean']}, which made it, signed texts differently; {ANEW}")
    entries = tuple(
        Entry(entry["name"], entry["documents"], -math.inf if entry["expired"] is None else entry["expired"])
        for entry in told["segments"]
    )
    return Generation(made, told["generation"], told["documents"], told["named"], entries)


ANEW = "begin another index and add the documents again"


def _settings(folder: Path, told: dict[str, Any]) -> DedupSettings:
    known: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in told.items()}
    strange = known.keys() ^ asdict(DedupSettings()).keys()
    if strange:
        raise UsageError(f"{folder}: made by another newsclean, which differs in {', '.join(sorted(strange))}; {ANEW}")
    return DedupSettings(**known)


def _probe(settings: DedupSettings) -> str:
    signed = sign(TextColumn.from_texts([_PROBE]), settings)
    return f"{signed.digest[0] ^ signed.full[0].sum() ^ signed.lead[0].sum():016x}"


def commit(folder: Path, generation: Generation) -> Generation:
    """Make this the state of the index, and remove the segments that no longer belong to it."""
    from importlib.metadata import version

    now = replace(generation, number=generation.number + 1)
    told = {
        "format": FORMAT, "newsclean": version("newsclean"), "generation": now.number, "documents": now.documents,
        "named": now.named, "probe": _probe(now.settings), "settings": asdict(now.settings),
        "segments": [{**asdict(entry), "expired": _known(entry.expired)} for entry in now.entries],
    }  # fmt: skip
    part = folder / f".{_MANIFEST}.part"
    with part.open("w", encoding="utf-8") as file:
        json.dump(told, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    _sync(folder)  # the names of what it names, then its own
    part.replace(folder / _MANIFEST)
    _sync(folder)
    sweep(folder, now)
    return now


def _known(day: float) -> float | None:
    return None if day == -math.inf else day


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk, where a system can be asked for that."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(folder, os.O_DIRECTORY)
        os.fsync(opened)
        os.close(opened)


def sweep(folder: Path, generation: Generation) -> None:
    """Remove what does not belong to the state: old segments, and what a crash left behind.

    Readers that have them mapped keep them (where the system does not allow that, they stay until next time).
    """
    keep = {entry.name for entry in generation.entries}
    for path in (*folder.glob("*.arrow"), *folder.glob("*.npy")):
        if path.stem not in keep:
            try:
                path.unlink()
            except PermissionError:
                continue


def lock(folder: Path) -> Any:
    """What the one writer holds: a `filelock.FileLock`, which goes with its process."""
    from filelock import FileLock

    return FileLock(folder / _LOCK, timeout=0)


@contextmanager
def writing(folder: Path, held: Any) -> Iterator[None]:
    """Hold the lock. Raises UsageError at once if another process does."""
    from filelock import Timeout

    stamp(folder)
    try:
        held.acquire()
    except Timeout:
        why = "another process is writing to this index; try again when it is done (queries need not wait)"
        raise UsageError(f"{folder}: {why}") from None
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        yield
    finally:
        held.release()
