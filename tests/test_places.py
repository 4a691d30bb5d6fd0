"""Inputs and outputs on other machines: a web server and fsspec's memory file system stand for them all."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsclean import run
from newsclean.errors import InputError, UsageError
from newsclean.formats import FieldNames, find_sources, parse, read_blocks

STORIES = [
    {"id": f"s{n}", "text": f"The council of town {n} voted {n * 7} to {n} on Monday to close the old fish market by June.", "rank": n}
    for n in range(40)
]
LINES = "".join(json.dumps(story) + "\n" for story in STORIES).encode()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which a web server shows it."""
    folder = tmp_path / "web"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    system = fsspec.filesystem("memory")
    yield system
    system.rm("/", recursive=True)


def ids(*places: str) -> list[str]:
    blocks = read_blocks(find_sources(places), FieldNames())
    batches = [parse(block, FieldNames()) for block in blocks]
    assert not [refused for batch in batches for refused in batch.rejected]
    return [document.id for batch in batches for document in batch.documents]


ALL = [story["id"] for story in STORIES]


def test_a_web_server_is_read_like_a_disk(web: tuple[Path, str]) -> None:
    folder, address = web
    (folder / "news.jsonl.gz").write_bytes(gzip.compress(LINES))
    pq.write_table(pa.Table.from_pylist(STORIES), folder / "news.parquet")
    assert ids(f"{address}/news.jsonl.gz") == ids(f"{address}/news.parquet") == ALL


def test_what_a_web_address_asks_for_is_no_part_of_names(web: tuple[Path, str]) -> None:
    folder, address = web
    (folder / "news.jsonl.gz").write_bytes(gzip.compress(LINES + b"no record\n"))
    (source,) = find_sources([f"{address}/news.jsonl.gz?signature=secret"])
    assert source.kind == "jsonl" and source.name == f"{address}/news.jsonl.gz"


def test_a_file_elsewhere_that_changes_is_another_input(web: tuple[Path, str], memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/news/a.jsonl", LINES)
    before = find_sources(["memory://news/a.jsonl"])
    assert find_sources(["memory://news/a.jsonl"]) == before
    memory.pipe("/news/a.jsonl", LINES)
    assert find_sources(["memory://news/a.jsonl"]) != before


def test_folders_and_patterns_elsewhere(memory: fsspec.AbstractFileSystem) -> None:
    for name, stories in (("lang=ar/b.jsonl", LINES), ("lang=ar/notes.txt", b"A note"), ("a.jsonl.gz", gzip.compress(LINES)), ("_tmp/x.jsonl", b"")):
        memory.pipe(f"/news/{name}", stories)
    assert [source.name for source in find_sources(["memory://news"])] == [
        "memory:///news/a.jsonl.gz", "memory:///news/lang=ar/b.jsonl", "lang=ar/notes.txt",
    ]  # fmt: skip
    assert [source.path for source in find_sources(["memory://news/*.gz"])] == ["memory:///news/a.jsonl.gz"]


def test_a_run_over_addresses_is_a_run_over_files(web: tuple[Path, str], memory: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    folder, address = web
    (folder / "news.jsonl").write_bytes(LINES)
    memory.pipe("/news.jsonl", LINES)
    for place, out in ((folder / "news.jsonl", "a"), (f"{address}/news.jsonl", "b"), ("memory://news.jsonl", "c")):
        run([place], tmp_path / out)
    told = {out: (tmp_path / out / "documents.jsonl").read_bytes() for out in "abc"}
    assert told["a"] == told["b"] == told["c"]


def test_what_is_not_there_or_has_no_driver_is_told_with_the_remedy(web: tuple[Path, str]) -> None:
    with pytest.raises(InputError, match=r"news\.jsonl: no such file or folder"):
        find_sources([f"{web[1]}/news.jsonl"])
    with pytest.raises(InputError, match=r"nowhere://.*Protocol not known"):
        find_sources(["nowhere://news.jsonl"])


def test_a_missing_driver_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)
    with pytest.raises(UsageError, match=r"pip install 'newsclean\[s3\]'"):
        find_sources(["s3://bucket/news.jsonl"])
