"""Files elsewhere: whatever fsspec opens, by its address (`s3://`, `gs://`, `hf://`, `https://`, `memory://` ...).

Owns: fsspec, and its drivers' many errors as ours. Must not know: what files hold. Files on this machine are opened without
it, which is faster and needs no driver.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from newsclean.errors import InputError, UsageError

_EXTRAS = {"http": "http", "https": "http", "s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "hf": "hf"}
# What file systems call the things that change when a file does.
_VERSION = (
    "ETag", "etag", "Last-Modified", "LastModified", "last_modified", "mtime", "updated", "generation", "created",
    "Content-MD5", "Digest", "md5Hash", "content_md5", "blob_id",
)  # fmt: skip


class RemoteFile(NamedTuple):
    """A file that a file system lists: its address, its path below the folder that was named, bytes (0: not told), and a
    number that changes when it does."""

    address: str
    inside: str
    size: int
    version: int


def is_remote(place: str) -> bool:
    """Whether fsspec is to open a place: whether it is an address.

    >>> is_remote("s3://bucket/news.jsonl"), is_remote("news/a.jsonl")
    (True, False)
    """
    return "://" in place


def list_remote(address: str) -> list[RemoteFile]:
    """The file at an address; if that is a folder or holds `*`, the files below it, sorted.

    Raises InputError where there is nothing or it cannot be seen.
    """
    with _explained(address):
        system, path = _system(address)
        web = address.startswith(("http://", "https://"))
        if "*" in address and not web:
            top = path.partition("*")[0].rpartition("/")[0]
            found = [name for name in sorted(system.glob(path)) if system.isfile(name)]
        elif (web and address.endswith("/")) or system.info(path)["type"] == "directory":
            top, found = path.rstrip("/"), sorted(system.find(path))
        else:
            size, version = _size_and_version(system, path)
            return [RemoteFile(address, path.rpartition("/")[2], size, version)]
        return [
            RemoteFile(system.unstrip_protocol(name), name.removeprefix(f"{top}/"), *_size_and_version(system, name))
            for name in found
        ]


def _size_and_version(system: Any, path: str) -> tuple[int, int]:
    told = system.info(path)
    version = repr([(name, str(told[name])) for name in _VERSION if name in told])
    return told.get("size") or 0, int.from_bytes(hashlib.blake2b(version.encode(), digest_size=7).digest())


def open_remote(address: str) -> io.BufferedReader:
    """The file at an address; whatever goes wrong while it is read is an OSError."""
    with _explained(address):
        system, path = _system(address)
        return io.BufferedReader(_Raw(system.open(path, "rb")), 1 << 16)


def remote_names(folder: str) -> list[str]:
    """The names of the files in a folder; none where there is no such folder."""
    with _explained(folder):
        system, path = _system(folder)
        listed = system.ls(path, detail=True) if system.isdir(path) else []
        return sorted(str(told["name"]).rpartition("/")[2] for told in listed if told["type"] == "file")


def exists(address: str) -> bool:
    """Whether there is a file at an address."""
    with _explained(address):
        system, path = _system(address)
        return bool(system.exists(path))


def upload(file: Path, address: str) -> None:
    """Put a file at an address, whole or not at all: object stores show nothing before its last byte has come."""
    with _explained(address):
        system, path = _system(address)
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        system.put_file(str(file), path)


def download(address: str, file: Path) -> None:
    """Get the file at an address."""
    with _explained(address):
        system, path = _system(address)
        system.get_file(path, str(file))


def remove(address: str) -> None:
    """Remove the file at an address."""
    with _explained(address):
        system, path = _system(address)
        system.rm_file(path)


def _system(address: str) -> tuple[Any, str]:
    import fsspec

    system, path = fsspec.url_to_fs(address)
    return system, path


@contextlib.contextmanager
def _explained(address: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        extra = _EXTRAS.get(address.partition(":")[0])
        remedy = f"pip install 'newsclean[{extra}]'" if extra else str(error)
        raise UsageError(f"{address}: the driver for such addresses is not installed: {remedy}") from None
    except FileNotFoundError:
        raise InputError("no such file or folder, or nobody answers there", file=address) from None
    except Exception as error:  # every driver has its own
        raise InputError(f"cannot be reached: {_told(error)}", file=address) from None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


class _Raw(io.RawIOBase):
    """A file of fsspec as the standard library knows files."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._file.read(len(buffer))
        except OSError:
            raise
        except Exception as error:  # every driver has its own
            raise OSError(_told(error)) from None
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
