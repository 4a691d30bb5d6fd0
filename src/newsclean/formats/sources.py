"""Inputs found: the files that paths and addresses stand for.

Owns: what kind of file a name tells of, which files of a folder count, what their folders say of them. Must not know: how files
are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from newsclean.errors import InputError, UsageError
from newsclean.formats.places import is_remote, list_remote
from newsclean.formats.streams import STDIN, Source

_KINDS = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet",
    ".pq": "parquet", ".arrow": "arrow", ".feather": "arrow", ".warc": "warc", ".wet": "warc", ".txt": "text",
}  # fmt: skip
_COMPRESSED = {".gz", ".zst", ".zstd", ".bz2", ".xz"}
_NO_DATA = {"dataset_info.json", "dataset_dict.json", "state.json"}
"""What the datasets library keeps beside the data."""
_NULL = "__HIVE_DEFAULT_PARTITION__"


def find_sources(inputs: Sequence[str | Path]) -> list[Source]:
    """The files that paths and addresses stand for, in order.

    A folder stands for all files in it that can be read, sorted by path. Raises InputError when a path does not
    exist or a folder holds nothing to read.
    """
    sources: list[Source] = []
    for given in map(str, inputs):
        if given == STDIN:
            if any(source.path == STDIN for source in sources):
                raise UsageError("standard input (-) is given twice; it can be read once")
            sources.append(Source(STDIN, "stdin", "jsonl"))
        elif is_remote(given):
            sources += _remote_sources(given)
        else:
            sources += _local_sources(given)
    return sources


def _local_sources(given: str) -> list[Source]:
    path = Path(given)
    if path.is_dir():
        inside = [(file, file.relative_to(path).as_posix()) for file in sorted(path.rglob("*")) if file.is_file()]
        found = [_local(file, kind, name) for file, name in inside if (kind := _kind_inside(name))]
        return found or _nothing(given)
    if not path.exists():
        raise InputError("no such file or folder", file=given)
    return [_local(path, _kind(path.name) or "jsonl", path.name)]


def _local(path: Path, kind: str, inside: str) -> Source:
    told = path.stat()
    return _source(str(path), kind, inside, told.st_size, told.st_mtime_ns)


def _remote_sources(given: str) -> list[Source]:
    listed = list_remote(given)
    if [file.address for file in listed] == [given]:
        name = _without_query(listed[0].inside)
        return [_source(given, _kind(name) or "jsonl", name, *listed[0][2:])]
    found = [_source(file.address, kind, *file[1:]) for file in listed if (kind := _kind_inside(file.inside))]
    return found or _nothing(given)


def _source(path: str, kind: str, inside: str, size: int, modified: int) -> Source:
    """inside: the path below the folder that was named, which is what text files are called."""
    web = path.startswith(("http://", "https://"))
    name = inside if kind == "text" else _without_query(path) if web else path
    return Source(path, name, kind, size, modified, tuple(_partition(inside)))


def _nothing(folder: str) -> list[Source]:
    raise InputError(f"the folder holds no {', '.join(_KINDS)} file", file=folder)


def _without_query(path: str) -> str:
    """A web address without what may be a signature."""
    return path.partition("?")[0]


def _kind_inside(path: str) -> str | None:
    """What a file of a folder holds; None for what is no data, such as what other programs hide or leave beside theirs."""
    parts = path.split("/")
    if any(part.startswith((".", "_")) for part in parts) or parts[-1] in _NO_DATA:
        return None
    kind = _kind(parts[-1])
    return None if kind == "arrow" and parts[-1].startswith(("cache-", "tmp")) else kind


def _kind(name: str) -> str | None:
    suffixes = [suffix.lower() for suffix in PurePosixPath(name).suffixes[-2:]]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return _KINDS.get(suffixes[-1]) if suffixes else None


def _partition(inside: str) -> Iterator[tuple[str, str | None]]:
    """What the folders of a partitioned data set say of a file: `lang=ar/year=2024/part-0.parquet`.

    >>> list(_partition("lang=ar/day=2024%2F01/section=__HIVE_DEFAULT_PARTITION__/part-0.parquet"))
    [('lang', 'ar'), ('day', '2024/01'), ('section', None)]
    """
    for part in inside.split("/")[:-1]:
        name, equals, value = part.partition("=")
        if equals and name:
            yield unquote(name), None if value == _NULL else unquote(value)
