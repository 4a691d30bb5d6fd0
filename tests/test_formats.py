"""What is read, what is refused and why, and what a record looks like after the trip."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import pickle
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from newsclean.errors import InputError, UsageError
from newsclean.formats import (
    Batch,
    FieldNames,
    claim_folder,
    encode,
    find_sources,
    inputs,
    open_output,
    open_stream,
    parse,
    read_blocks,
    rows,
    streams,
)


def read(*paths: Path | str, fields: FieldNames | None = None) -> Batch:
    """Everything in the files, as one batch."""
    batch, fields = Batch(), fields or FieldNames()
    for block in read_blocks(find_sources(paths), fields):
        part = parse(block, fields)
        batch.documents.extend(part.documents)
        batch.records.extend(part.records)
        batch.rejected.extend(part.rejected)
    return batch


def read_line(tmp_path: Path, line: bytes, **names: str) -> Batch:
    path = tmp_path / "news.jsonl"
    path.write_bytes(line)
    return read(path, fields=FieldNames(**names))


def why(batch: Batch) -> str:
    assert not batch.documents
    (refused,) = batch.rejected
    return refused.why


# ---- records ----


def test_a_record_becomes_a_document_and_keeps_every_field(tmp_path: Path) -> None:
    line = '{"id": "a", "text": "نص", "lang": "ar", "date": "2024-05-01", "url": "https://www.example.org/x", "n": [1]}'
    batch = read_line(tmp_path, line.encode())
    (document,) = batch.documents
    assert (document.id, document.text, document.language) == ("a", "نص", "ar")
    assert (document.published, document.site) == ("2024-05-01", "example.org")
    assert batch.records == [json.loads(line)]


def test_fields_can_be_renamed(tmp_path: Path) -> None:
    batch = read_line(tmp_path, b'{"key": 7, "body": "x", "text": {"not": "this"}}', text="body", id="key")
    assert batch.documents[0].text == "x"
    assert batch.documents[0].id == "7"
    assert batch.records[0]["key"] == 7


def test_a_missing_id_becomes_the_place_counting_blank_lines(tmp_path: Path) -> None:
    batch = read_line(tmp_path, b'{"text": "a"}\n\n  \r\n{"text": "b", "id": null}\r\n')
    assert [record["id"] for record in batch.records] == [f"{tmp_path}/news.jsonl:1", f"{tmp_path}/news.jsonl:4"]


def test_a_zero_is_an_id(tmp_path: Path) -> None:
    assert read_line(tmp_path, b'{"text": "a", "id": 0}').documents[0].id == "0"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_other_fields_survive_whatever_they_hold(value: object) -> None:
    from newsclean.formats.records import Block

    line = json.dumps({"id": "a", "text": "t", "value": value}).encode()
    (record,) = parse(Block("f", 1, line), FieldNames()).records
    assert json.loads(encode(record))["value"] == value


def test_half_an_emoji_is_replaced_not_refused(tmp_path: Path) -> None:
    assert read_line(tmp_path, rb'{"text": "a\ud83d b \ud83d\ude00"}').documents[0].text == "a\ufffd b 😀"


def test_byte_order_marks_nan_and_escaped_zero_bytes_are_no_obstacle(tmp_path: Path) -> None:
    batch = read_line(tmp_path, b'\xef\xbb\xbf{"text": "a\\u0000b", "score": NaN}')
    assert batch.documents[0].text == "a\0b"
    assert json.loads(encode(batch.records[0]))["score"] is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": 1, "text": "caf\xe9"}', "not UTF-8 (byte 0xe9 at byte 23)"),
        (b'{"id": 1, "text": "x"', "not JSON: Expecting ',' delimiter at column 22"),
        (b'{"id": 1, "body": "x"}', "no field 'text' (fields: id, body); name it with --text-field"),
        (b'{"text": null}', "field 'text' holds null, not text"),
        (b'{"text": 12}', "field 'text' holds a number, not text"),
        (b'{"text": ["x"]}', "field 'text' holds a list, not text"),
        (b'"x"', "the line holds text, not a record"),
        (b"\0\0\0", "zero bytes"),
        (b'{"text": ' + b"[" * 100_000, "nested too deeply"),
        (b"[{}, {}]", "one JSON array"),
        ('{"text": "x"}'.encode("utf-16"), "UTF-16"),
        (b"", "the file is empty"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, line: bytes, reason: str) -> None:
    assert reason in why(read_line(tmp_path, line))


def test_a_bad_line_does_not_stop_the_rest(tmp_path: Path) -> None:
    batch = read_line(tmp_path, b'{"text": "a"}\nbroken\n{"text": "b"}\n')
    assert [document.text for document in batch.documents] == ["a", "b"]
    assert [refused.line for refused in batch.rejected] == [2]


# ---- files ----

LINES = b"".join(b'{"id": "%d", "text": "story %d"}\n' % (i, i) for i in range(500))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("n.jsonl", LINES),
        ("n.jsonl.gz", gzip.compress(LINES[:-100]) + gzip.compress(LINES[-100:])),
        ("no-newline.jsonl.gz", gzip.compress(LINES[:-1])),
        ("n.jsonl.zst", zstandard.compress(LINES)),
        ("n.jsonl.bz2", bz2.compress(LINES)),
        ("n.jsonl.xz", lzma.compress(LINES)),
        ("misnamed", gzip.compress(LINES)),
    ],
)
def test_compression_is_told_by_the_content(tmp_path: Path, name: str, stored: bytes) -> None:
    (tmp_path / name).write_bytes(stored)
    batch = read(tmp_path / name)
    assert [document.id for document in batch.documents] == [str(i) for i in range(500)]
    assert not batch.rejected


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lambda data: bz2.compress(data, 1), lzma.compress])
def test_a_truncated_file_gives_what_it_holds_and_says_so(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    stored = pack(b"".join(b'{"text": "%d"}\n' % (i * i) for i in range(20_000)))
    path = tmp_path / "n.jsonl.x"
    path.write_bytes(stored[: len(stored) // 2])
    batch = read(path)
    (refused,) = batch.rejected
    assert "ends early" in refused.why
    assert refused.line == len(batch.documents) + 1
    assert len(batch.documents) > 1_000


def test_lines_across_chunks_keep_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK", 100)
    batch = read_line(tmp_path, LINES + b"broken\n" + b'{"text": "%s"}' % (b"x" * 500))
    assert len(batch.documents) == 501
    assert [refused.line for refused in batch.rejected] == [501]


def test_a_line_beyond_the_limit_is_refused_without_being_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK", 1 << 10)
    monkeypatch.setattr(inputs, "MAX_RECORD", 1 << 14)
    long = b'{"text": "' + b"x" * (1 << 16) + b'"}\n'
    batch = read_line(tmp_path, b'{"text": "a"}\n' + long + b'{"text": "b"}\n' + long[:-1])
    assert [document.text for document in batch.documents] == ["a", "b"]
    assert [(refused.line, "the limit" in refused.why) for refused in batch.rejected] == [(2, True), (4, True)]


def test_a_row_beyond_the_limit_is_refused_without_being_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK", 1 << 10)
    monkeypatch.setattr(rows, "MAX_RECORD", 1 << 14)
    path, long = tmp_path / "n.csv", b"x" * (1 << 16)
    path.write_bytes(b"id,text\n1,a\n2," + long + b'\n3,b\n4,"\n' + long + b'"\n5,c\n' + long)
    batch = read(path)
    assert [document.text for document in batch.documents] == ["a", "b", "c"]
    assert [refused.line for refused in batch.rejected if "larger than" in refused.why] == [3, 5, 8]


def test_blocks_of_rows_are_as_large_as_others_however_well_they_compress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK", 1000)
    (tmp_path / "n.csv.gz").write_bytes(gzip.compress(b"id,text\n" + b"".join(b"%d,%s\n" % (n, b"x" * 300) for n in range(100))))
    blocks = list(read_blocks(find_sources([tmp_path]), FieldNames()))
    assert sum(len(block.records) for block in blocks) == 100
    assert max(block.size for block in blocks) < 1500


def test_folders_are_read_in_order_and_text_files_named_by_their_path(tmp_path: Path) -> None:
    for name, text in {"b/2.txt": "two", "a.txt": "one", "b/ignored.html": "no", ".hidden.txt": "no"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "c.jsonl").write_text('{"id": "3", "text": "three"}')
    (tmp_path / "bad.txt").write_bytes(b"caf\xe9")
    batch = read(tmp_path)
    assert [(document.id, document.text) for document in batch.documents] == [
        ("a.txt", "one"), ("b/2.txt", "two"), ("3", "three"),
    ]  # fmt: skip
    assert [refused.file for refused in batch.rejected] == ["bad.txt"]


def test_parquet_rows_keep_their_columns(tmp_path: Path) -> None:
    (tmp_path / "year=2024").mkdir()
    table = pa.table({"text": ["a", "b", None], "id": [1, 2, 3], "tags": [["x"], [], None]})
    pq.write_table(table, tmp_path / "year=2024" / "0.parquet")
    batch = read(tmp_path)
    more = {"year": "2024"}
    assert batch.records == [{"text": "a", "id": 1, "tags": ["x"], **more}, {"text": "b", "id": 2, "tags": [], **more}]
    assert [(refused.line, refused.why) for refused in batch.rejected] == [(3, "field 'text' holds null, not text")]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (pa.table({"body": ["x"]}), "no column 'text' (columns: body); name it with --text-field"),
        (pa.table({"text": [1]}), "column 'text' holds int64, not text"),
    ],
)
def test_a_parquet_file_without_a_text_column_is_refused(tmp_path: Path, table: pa.Table, reason: str) -> None:
    pq.write_table(table, tmp_path / "x.parquet")
    assert reason in why(read(tmp_path / "x.parquet"))


def test_a_partition_that_the_file_knows_better_or_that_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "lang=ar" / "year=__HIVE_DEFAULT_PARTITION__"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"text": ["a"], "lang": ["fa"]}), folder / "0.parquet")
    (record,) = read(tmp_path).records
    assert (record["lang"], record["year"]) == ("fa", None)


def test_a_dataset_on_disk_is_read_without_what_is_cached_beside_it(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    stories = [{"id": n, "text": f"Story {n}", "tags": ["a"] * (n % 2)} for n in range(20)]
    datasets.Dataset.from_list(stories).save_to_disk(tmp_path / "stored", num_shards=3)
    datasets.load_from_disk(tmp_path / "stored").map(lambda row: {"text": "cached"})
    assert list((tmp_path / "stored").glob("cache-*.arrow"))
    batch = read(tmp_path / "stored")
    assert not batch.rejected and batch.records == stories


def test_a_column_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    good = pa.array([b"a story", b"\xff\xfe"])
    pq.write_table(pa.table({"text": pa.StringArray.from_buffers(2, *good.buffers()[1:])}), tmp_path / "n.parquet")
    assert "UTF8" in why(read(tmp_path / "n.parquet"))


@pytest.mark.parametrize("new", [pa.ipc.new_file, pa.ipc.new_stream])
def test_large_arrow_batches_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(streams, "CHUNK", 1000)
    table = pa.table({"text": [f"Story {n}" * 10 for n in range(100)]})
    with new(tmp_path / "n.arrow", table.schema) as file:
        file.write_table(table)
    blocks = list(read_blocks(find_sources([tmp_path / "n.arrow"]), FieldNames()))
    assert len(blocks) > 5 and sum(len(block.rows) for block in blocks) == 100
    assert max(len(pickle.dumps(block)) for block in blocks) < 5000, "a worker is sent its own rows, not all"


@pytest.mark.parametrize(("name", "comma"), [("n.csv", ","), ("n.tsv.gz", "\t")])
def test_tables_are_read_row_by_row(tmp_path: Path, name: str, comma: str) -> None:
    rows = [["id", "body", "n"], ["a", 'one\n"two",\n', "1"], ["b", "short"], ["c", "caf\udce9", "2"], ["d", "four", ""]]
    text = io.StringIO()
    csv.writer(text, delimiter=comma).writerows(rows)
    stored = text.getvalue().encode("utf-8", "surrogateescape")
    (tmp_path / name).write_bytes(gzip.compress(stored) if name.endswith(".gz") else stored)
    batch = read(tmp_path / name, fields=FieldNames(text="body"))
    assert batch.records == [{"id": "a", "body": 'one\n"two",\n', "n": "1"}, {"id": "d", "body": "four", "n": ""}]
    assert [(refused.line, refused.why[:14]) for refused in batch.rejected] == [(5, "2 fields, but "), (6, "not UTF-8; con")]
    assert "no column 'text' (columns: id, body, n)" in why(read(tmp_path / name))


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 nothing of the kind")
    assert "not a readable Parquet file" in why(read(tmp_path / "x.parquet"))


def test_standard_input_may_be_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    for stored in (LINES, gzip.compress(LINES)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stored)))
        assert len(read("-").documents) == 500


def test_a_missing_input_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        find_sources([tmp_path / "nowhere.jsonl"])
    with pytest.raises(InputError, match="the folder holds no"):
        find_sources([tmp_path])


# ---- outputs ----


@pytest.mark.parametrize("compress", [None, "gzip", "zstd"])
def test_outputs_read_back_and_do_not_depend_on_the_time(tmp_path: Path, compress: str | None) -> None:
    for name in ("one", "two"):
        with open_output(tmp_path, name, compress) as output:
            output.write(LINES)
    one, two = sorted(tmp_path.iterdir())
    assert one.read_bytes() == two.read_bytes()
    assert len(read(one).documents) == 500


def test_parquet_output_has_the_schema_it_was_given(tmp_path: Path) -> None:
    schema = pa.schema({"id": pa.string(), "text": pa.string(), "copies": pa.int64()})
    with open_output(tmp_path, "documents", schema=schema) as output:
        output.write(LINES)
    assert pq.read_schema(tmp_path / "documents.parquet").equals(schema)
    assert len(read(tmp_path / "documents.parquet").documents) == 500


def test_an_output_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), open_output(tmp_path, "documents") as output:
        output.write(LINES)
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("precious")
    with pytest.raises(UsageError, match="--force"):
        open_stream(str(path))
    with pytest.raises(UsageError, match=r"it holds mine\.jsonl"):
        claim_folder(tmp_path, force=False)
    with pytest.raises(UsageError, match="Not a directory"):
        claim_folder(path / "below", force=True)
    claim_folder(tmp_path, force=True)
    assert path.read_text() == "precious"
