"""Inputs and outputs on other machines: a web server and fsspec's memory file system stand for them all."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsclean import Options, run
from newsclean.errors import InputError, UsageError
from newsclean.formats import FieldNames, find_sources, open_stream, parse, places, read_blocks

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


@pytest.fixture
def dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where outputs wait
    (tmp_path / "news.jsonl").write_bytes(LINES)
    return tmp_path / "news.jsonl"


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


def test_a_signature_stays_out_of_what_a_run_tells(web: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = web
    (folder / "news.jsonl").write_text('{"id": 1, "text": "The harbour was closed."}\n', encoding="utf-8")
    run([f"{address}/news.jsonl?signature=secret"], tmp_path / "out")
    assert "secret" not in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")


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


# ---- outputs ----


def contents(system: fsspec.AbstractFileSystem, folder: str) -> dict[str, bytes]:
    return {path.rpartition("/")[2]: system.cat(path) for path in system.find(folder) if not path.endswith("run.json")}


def test_a_run_into_an_address_puts_there_what_it_would_put_here(dump: Path, memory: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    told = run([dump], "memory://out/news")
    run([dump], tmp_path / "out")
    here = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.name != "run.json"}
    assert contents(memory, "/out/news") == here
    assert json.loads(memory.cat("/out/news/run.json")) == told
    with pytest.raises(UsageError, match="memory://out/news: the output folder is not empty"):
        run([dump], "memory://out/news")
    assert run([dump], "memory://out/news", options=Options(resume=True)) == told, "nothing is left to do"
    memory.pipe("/out/news/notes.txt", b"mine")
    run([dump], "memory://out/news", options=Options(force=True, compress="gzip"))
    assert {"documents.jsonl.gz", "run.json", "notes.txt"} <= {path.rpartition("/")[2] for path in memory.find("/out/news")}
    assert not memory.exists("/out/news/documents.jsonl") and memory.cat("/out/news/notes.txt") == b"mine"


def test_a_run_into_an_address_goes_on_where_it_was_cut_short(dump: Path, memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the network is down")

    with monkeypatch.context() as patch:
        patch.setattr(places, "upload", fail)
        with pytest.raises(OSError, match="network"):
            run([dump], "memory://out")
    assert not memory.find("/out")
    run([dump], "memory://out", options=Options(resume=True))
    assert memory.exists("/out/documents.jsonl") and memory.exists("/out/run.json")


def test_streams_into_an_address(dump: Path, memory: fsspec.AbstractFileSystem) -> None:
    with open_stream("memory://clean.jsonl.gz") as out:
        out.write(LINES)
        assert not memory.exists("/clean.jsonl.gz"), "it is there when it is whole"
    assert gzip.decompress(memory.cat("/clean.jsonl.gz")) == LINES
    with pytest.raises(UsageError, match="exists already"):
        open_stream("memory://clean.jsonl.gz")
    with pytest.raises(ValueError, match="a failure"), open_stream("memory://other.jsonl") as out:
        raise ValueError("a failure")
    assert not memory.exists("/other.jsonl")
