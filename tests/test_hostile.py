"""Input made to hurt does not: what it says of itself stays data, and one bad document costs no other.

What is too large for a test is in benchmarks/hostile.py; damaged files are in test_fuzz.py.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsclean import Options, load_rules, run
from newsclean.formats import FieldNames, columnar, find_sources, parse, read_blocks, read_results, records, streams
from newsclean.formats.decoded import row_sizes

STORY = "The council voted on Monday to close the old fish market by the end of the year, and {} had not been asked for an opinion."
PATHS = ["../../up", "/etc/passwd", "a/b", "..", ".", "nul\0byte", "half \ud83d", "C:\\x", "con", "<b>", "a\nb", "\u202e", "%2e%2e", "${HOME}", "~"]


def write(path: Path, texts: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in texts), encoding="utf-8")
    return path


def told(folder: Path, name: str) -> list[dict[str, object]]:
    return list(read_results(folder, name))


@pytest.mark.parametrize("options", [Options(), Options(parquet=True)])
def test_names_are_data_wherever_they_stand(tmp_path: Path, options: Options) -> None:
    """Ids, sites, languages and titles that look like paths, with zero bytes, halves of characters, line ends."""
    given = [
        {"id": name, "site": name, "language": name, "title": name, "source": name, "text": STORY.format(f"trader{n} of wharf{n}")}
        for n, name in enumerate(PATHS)
    ]
    (tmp_path / "in").mkdir()
    run([write(tmp_path / "in" / "n.jsonl", given)], tmp_path / "in" / "out", options=options)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == ["n.jsonl", "out"]
    assert len(list((tmp_path / "in" / "out").iterdir())) == 6
    kept = [document["id"] for document in told(tmp_path / "in" / "out", "documents")]
    assert kept == [name.replace("\ud83d", "\ufffd") for name in PATHS]


def test_a_pattern_that_runs_away_in_worker_processes_is_named_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "base.toml").write_text(
        "[[rule]]\nid = 'slow'\nclass = 'id'\nwhy = 'a test'\npattern = ['start (?:(?:on|\\d+)\\s*){1,16}']\nnear = ['start']\n"
        "drop = ['start 12 on 34']\nkeep = ['a start']\n"
    )
    digits = {3: "start " + "1" * 60 + "-", 5: "start 12 on 34"}
    given = [{"id": n, "text": f"{STORY.format(f'trader{n} of wharf{n}')}\n{digits.get(n, '')}"} for n in range(8)]
    summary = run([write(tmp_path / "n.jsonl", given)], tmp_path / "out", rules=load_rules([tmp_path / "rules"]), options=Options(workers=2))
    assert summary["flags"] == {"slow:base:slow": 1}
    assert [removal["id"] for removal in told(tmp_path / "out", "removals")] == [5]
    assert summary["counts"]["kept"] == 8


@pytest.mark.parametrize(("limit", "reason"), [("MAX_RECORD", "characters, the limit"), ("MAX_LINES", "lines, the limit")])
def test_a_text_beyond_a_limit_is_refused_in_any_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, reason: str) -> None:
    monkeypatch.setattr(records, limit, 1000)
    pq.write_table(pa.table({"id": [1, 2, 3], "text": ["a", "\n" * 1001, "b"]}), tmp_path / "n.parquet")
    (block,) = read_blocks(find_sources([tmp_path / "n.parquet"]), FieldNames())
    batch = parse(block, FieldNames())
    assert [document.text for document in batch.documents] == ["a", "b"]
    assert [(refused.line, reason in refused.why) for refused in batch.rejected] == [(2, True)]


MEGABYTE = "word " * 200_000
ONCE = pa.DictionaryArray.from_arrays(np.zeros(200, np.int32), [MEGABYTE])
TWICE = pa.ListArray.from_arrays([0, 1, 200], ONCE)  # of the second row 199 MB


def write_stored_once(path: Path, table: pa.Table, **how: object) -> Path:
    """As Parquet, or as Arrow, whose text is a dictionary too."""
    if path.suffix == ".parquet":
        pq.write_table(table, path, store_schema=False, **how)
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    return path


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("n.parquet", {}),
        ("n.parquet", {"row_group_size": 7}),
        ("n.parquet", {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY", "id": "PLAIN"}}),
        ("n.arrow", {}),
    ],
)
def test_a_value_stored_once_for_many_rows_is_decoded_for_few_at_a_time(tmp_path: Path, name: str, how: dict[str, object]) -> None:
    """200 MB of text in some kilobytes; before, ten thousand such rows would have been one block of 10 GB."""
    path = write_stored_once(tmp_path / name, pa.table({"id": range(200), "text": ONCE}), **how)
    assert path.stat().st_size < 2 << 20
    lines = []
    for block in read_blocks(find_sources([path]), FieldNames()):
        assert block.rows.nbytes < streams.CHUNK + 2 * len(MEGABYTE)
        lines += range(block.line, block.line + len(block.rows))
    assert lines == list(range(1, 201))


@pytest.mark.parametrize("name", ["n.parquet", "n.arrow"])
def test_a_row_that_swells_is_refused_before_it_is_decoded(tmp_path: Path, name: str) -> None:
    path = write_stored_once(tmp_path / name, pa.table({"id": [1, 2], "text": ["a", "b"], "tags": TWICE}))
    one, other = (parse(block, FieldNames()) for block in read_blocks(find_sources([path]), FieldNames()))
    assert one.records == [{"id": 1, "text": "a", "tags": [MEGABYTE]}]
    assert [(refused.line, refused.why) for refused in other.rejected] == [(2, columnar._TOO_LONG)]


WORDS = ["a", None, "three", "word", "word"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(WORDS), pa.array(WORDS, pa.large_string()), pa.array(WORDS, pa.string_view()),
        pa.array(WORDS).dictionary_encode(), pa.array([[word] * 3 for word in WORDS]), pa.array([{"of": word} for word in WORDS]),
        pa.ListArray.from_arrays([0, 0, 1, 2, 4, 5], pa.array(WORDS).dictionary_encode()),
        pa.ListViewArray.from_arrays([0, 0, 0, 2, 1], [5, 5, 0, 3, 1], pa.array(WORDS)),
        pa.RunEndEncodedArray.from_arrays([1, 3, 5], pa.array(["a", "bc", None])),
        pa.array([[("key", word)] for word in WORDS], pa.map_(pa.string(), pa.string())),
    ],
    ids=lambda column: str(column.type),
)  # fmt: skip
def test_rows_are_weighed_as_they_are_once_decoded(column: pa.Array) -> None:
    def length(value: object) -> int:
        inside = value.values() if isinstance(value, dict) else value
        return len(value) if isinstance(value, str) else sum(map(length, inside or ()))  # type: ignore[call-overload]

    for rows in (pa.record_batch({"a": column}), pa.record_batch({"a": column}).slice(1, 3)):
        for size, row in zip(row_sizes(rows).tolist(), rows.to_pylist(), strict=True):
            assert length(row) <= size <= length(row) + 20


def test_a_site_for_every_document(tmp_path: Path) -> None:
    """Each with a line of its own that others print too: what is known of a site is not what is known of all."""
    given = [
        {"id": n, "url": f"https://www.paper{n}.example/", "text": STORY.format(f"trader{n} of wharf{n}") + "\nTags: sea, trade"}
        for n in range(2000)
    ]
    summary = run([write(tmp_path / "n.jsonl", given)], tmp_path / "out", profile="auto")
    assert summary["counts"]["kept"] == 2000
    assert summary["removals"] == {"tags": {"removals": 2000, "characters": 2000 * len("Tags: sea, trade")}}
    assert len(summary["sites"]) == len(summary["characters"]["by_site"]) == 50


def test_blank_lines_are_no_records(tmp_path: Path) -> None:
    path = tmp_path / "n.jsonl"
    path.write_bytes(b"\n" * 100_000 + b'{"id": 1, "text": "a"}' + b"\r\n" * 100_000 + b'{"text": "b"}\n')
    batches = [parse(block, FieldNames()) for block in read_blocks(find_sources([path]), FieldNames())]
    assert [document.id for batch in batches for document in batch.documents] == ["1", f"{path}:200001"]
    assert not any(batch.rejected for batch in batches)
