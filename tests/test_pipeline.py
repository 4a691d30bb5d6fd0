"""A run end to end on small files: what comes out, and that nothing but the input decides it."""

import contextlib
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsclean import DedupSettings, FieldNames, InputError, Options, UsageError, dedup_files, load_rules, run
from newsclean.engines.blocks import Watch
from newsclean.engines.pool import WorkerDied, in_order
from newsclean.formats import encode, read_results, streams
from newsclean.formats.outputs import output_files
from newsclean.pipeline import prepare, store
from newsclean.text import TextColumn

WORDS = ["harbour", "ministers", "agreed", "council", "bridge", "river", "election", "budget", "farmers", "storm", "railway", "strike", "museum", "verdict", "hospital", "teachers", "border", "treaty", "drought", "orchestra", "vaccine", "satellite", "pension", "fishery", "glacier", "parliament", "refinery", "airport"]


def story(seed: int, words: int = 80) -> str:
    """A story unlike any other."""
    draw = random.Random(seed)
    sentences = [" ".join(draw.choices(WORDS, k=10)).capitalize() + f" in {draw.randrange(10**6)}." for _ in range(words // 10)]
    return " ".join(sentences)


def record(number: int, seed: int, **more: object) -> dict[str, object]:
    day = f"2024-05-01 {number // 60 % 24:02}:{number % 60:02}:00"
    return {"id": f"n{number:03}", "text": story(seed) + "\n\nTags: storm, budget", "date": day, **more}


# Thirty documents, every third a copy of the one before it.
RECORDS = [record(n, n - (n % 3 == 2), url=f"https://www.paper{n % 4}.example/{n}", rank=n) for n in range(30)]
COPIES = [n for n in range(30) if n % 3 == 2]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return write(tmp_path / "news.jsonl", RECORDS)


def write(path: Path, records: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a run but the one that holds its timings."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}


def test_each_story_stays_once_clean_with_all_that_carried_it(dump: Path, tmp_path: Path) -> None:
    told = run([dump], tmp_path / "out")
    kept = lines(tmp_path / "out" / "documents.jsonl")
    assert [document["id"] for document in kept] == [f"n{n:03}" for n in range(30) if n not in COPIES]
    assert kept[1]["text"] == story(1)
    assert kept[1]["rank"] == 1
    assert kept[1]["copies"] == 2
    assert kept[1]["sources"] == [
        {"id": "n001", "site": "paper1.example", "url": "https://www.paper1.example/1", "published": "2024-05-01 00:01:00"},
        {"id": "n002", "site": "paper2.example", "url": "https://www.paper2.example/2", "published": "2024-05-01 00:02:00"},
    ]  # fmt: skip
    assert (kept[1]["first_seen"], kept[1]["last_seen"]) == ("2024-05-01T00:01Z", "2024-05-01T00:02Z")
    assert kept[1]["fields"] == {"tags": ["storm", "budget"]}
    counts = told["counts"]
    assert counts == {"input": 30, "split": 0, "too_short": 0, "kept": 20, "duplicates": 10, "repeated_ids": 0, "rejected": 0}
    assert json.loads((tmp_path / "out" / "run.json").read_text()) == told
    assert told["disk_bytes"] > dump.stat().st_size
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "documents.jsonl", "duplicates.jsonl", "rejected.jsonl", "removals.jsonl", "rules.jsonl", "run.json",
    ]  # fmt: skip


def test_removals_and_duplicates_say_what_happened(dump: Path, tmp_path: Path) -> None:
    told = run([dump], tmp_path / "out")
    removals = lines(tmp_path / "out" / "removals.jsonl")
    assert len(removals) == 30
    assert removals[0] == {
        "id": "n000", "start": len(story(0)) + 2, "end": len(story(0)) + 21, "class": "tags", "rule": "base:tags-label",
        "text": "Tags: storm, budget",
    }  # fmt: skip
    assert told["removals"] == {"tags": {"removals": 30, "characters": 30 * 19}}
    assert told["sites"] == {"paper0.example": 8, "paper1.example": 8, "paper2.example": 7, "paper3.example": 7}
    assert told["characters"]["input"] == sum(len(record["text"]) for record in RECORDS)
    assert told["characters"]["by_site"]["paper2.example"]["removed"] == {"tags": 7 * 19}
    rules = lines(tmp_path / "out" / "rules.jsonl")
    assert (rules[0]["rule"], rules[0]["removals"], rules[0]["characters"]) == ("base:tags-label", 30, 30 * 19)
    assert len(rules) > len(load_rules().rules) and not any(rule["removals"] for rule in rules[1:])
    slowest = told["slowest_rules"]
    assert slowest["documents"] == 30 and len(slowest["rules"]) <= 10
    assert {name for rule in slowest["rules"] for name in rule} <= {"rule", "lines", "microseconds"}
    duplicates = lines(tmp_path / "out" / "duplicates.jsonl")
    assert [(d["id"], d["cluster"], d["kept_id"]) for d in duplicates] == [
        (f"n{n:03}", f"n{n - 1:03}", f"n{n - 1:03}") for n in COPIES
    ]
    assert {(d["relation"], d["jaccard"], d["covered"]) for d in duplicates} == {("exact", 1.0, 1.0)}


def test_a_cut_copy_is_contained_in_the_kept_one(tmp_path: Path) -> None:
    long = story(1, 300)
    dump = write(tmp_path / "n.jsonl", [{"id": "short", "text": long[: len(long) * 2 // 3]}, {"id": "long", "text": long}])
    run([dump], tmp_path / "out", settings=DedupSettings(keep="longest"))
    (duplicate,) = lines(tmp_path / "out" / "duplicates.jsonl")
    assert (duplicate["id"], duplicate["kept_id"]) == ("short", "long")
    run([dump], tmp_path / "turned", settings=DedupSettings(keep="first"))
    (turned,) = lines(tmp_path / "turned" / "duplicates.jsonl")
    assert {duplicate["relation"], turned["relation"]} in ({"near"}, {"contains", "contained"})
    if duplicate["relation"] != "near":
        assert (duplicate["relation"], turned["relation"]) == ("contained", "contains")


@pytest.mark.parametrize(("command", "text"), [(run, f"{story(1)}\n\nTags: storm, budget"), (dedup_files, story(1))])
def test_the_copy_with_fewest_removals_can_stay(tmp_path: Path, command: Callable[..., object], text: str) -> None:
    """Removals are those of this run, or, where nothing is cleaned, those that the records tell of."""
    found = [{"start": 0, "end": 1, "class": "tags", "rule": "x"}]
    records = [{"id": "furnished", "text": text, "removals": found}, {"id": "plain", "text": story(1)}]
    command([write(tmp_path / "n.jsonl", records)], tmp_path / "out", settings=DedupSettings(keep="cleanest"))
    (path,) = [tmp_path / "out" / name for name in ("documents.jsonl", "clusters.jsonl") if (tmp_path / "out" / name).exists()]
    assert {record["cluster"] for record in lines(path)} == {"plain"}


def test_dedup_lists_every_document_once(dump: Path, tmp_path: Path) -> None:
    dedup_files([dump], tmp_path / "out")
    clusters = lines(tmp_path / "out" / "clusters.jsonl")
    assert [c["id"] for c in clusters] == [r["id"] for r in RECORDS]
    assert sum(bool(c["kept"]) for c in clusters) == 20
    pairs = lines(tmp_path / "out" / "pairs.jsonl")
    assert [(p["a"], p["b"], p["relation"]) for p in pairs] == [(f"n{n - 1:03}", f"n{n:03}", "exact") for n in COPIES]


def test_partial_copies_and_templates_are_listed_on_request_and_never_collapse(tmp_path: Path) -> None:
    note = f"The bank {{}} pays {{}} crowns a share. {story(4, 70)}"
    records = [
        {"id": "t1", "text": note.format("Alfa of Oslo", 12)},
        {"id": "t2", "text": note.format("Beta of Rome", 15)},
        {"id": "p1", "text": f"{story(1, 150)}\n{story(2, 100)}"},
        {"id": "p2", "text": f"{story(2, 100)}\n{story(3, 170)}"},
        {"id": "c", "text": f"{story(2, 100)}\n{story(3, 170)} "},
    ]
    dump = write(tmp_path / "n.jsonl", records)
    dedup_files([dump], tmp_path / "plain")
    dedup_files([dump], tmp_path / "all", all_relations=True, offsets=True)
    assert lines(tmp_path / "plain" / "clusters.jsonl") == lines(tmp_path / "all" / "clusters.jsonl")
    (copy,) = lines(tmp_path / "plain" / "pairs.jsonl")
    assert set(copy) == {"a", "b", "relation", "jaccard", "containment"}
    found = {(pair["a"], pair["b"]): pair for pair in lines(tmp_path / "all" / "pairs.jsonl")}
    assert {pair: told["relation"] for pair, told in found.items()} == {
        ("t1", "t2"): "template", ("p1", "p2"): "partial", ("p1", "c"): "partial", ("p2", "c"): "exact",
    }  # fmt: skip
    told = run([dump], tmp_path / "run", all_relations=True)
    assert told["counts"]["pairs"] == 4 and told["counts"]["duplicates"] == 1
    listed = {(pair["a"], pair["b"]): pair["relation"] for pair in lines(tmp_path / "run" / "pairs.jsonl")}
    assert listed == {pair: told["relation"] for pair, told in found.items()}
    partial = found["p1", "p2"]
    assert partial["paragraphs"] == 1
    start, end = partial["shared"]["a"][-1]
    assert str(records[2]["text"])[start:end] == story(2, 100)
    assert partial["extra"] == {"a": [[0, len(story(1, 150))]], "b": [[len(story(2, 100)) + 1, len(story(2, 100)) + 1 + len(story(3, 170))]]}


def test_giant_groups_are_told_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsclean.pipeline.write.GIANT", 9)
    records = [record(n, n // 10) for n in range(29)]
    warned: list[str] = []
    told = run([write(tmp_path / "n.jsonl", records)], tmp_path / "out", options=Options(watch=Watch(warn=warned.append)))
    assert told["giant_clusters"] == [{"cluster": "n000", "copies": 10}, {"cluster": "n010", "copies": 10}]
    assert json.loads((tmp_path / "out" / "run.json").read_text())["giant_clusters"] == told["giant_clusters"]
    assert warned[0].startswith("WARNING: 10 documents count as copies of 'n000', of which one stays")


def test_workers_do_not_change_a_byte(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK", 2000)
    for workers in (1, 3):
        run([dump], tmp_path / str(workers), options=Options(workers=workers))
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_the_order_of_input_does_not_change_what_is_kept(dump: Path, tmp_path: Path) -> None:
    turned = write(tmp_path / "turned.jsonl", RECORDS[::-1])
    for path in (dump, turned):
        run([path], tmp_path / path.stem)
    first, second = (lines(tmp_path / path.stem / "documents.jsonl") for path in (dump, turned))
    assert first == second[::-1]


def test_documents_too_short_to_judge_are_kept_and_counted(tmp_path: Path) -> None:
    texts = ["", "…", "Fog.", "Heavy fog.", "fog", "天气", story(1)]
    dump = write(tmp_path / "n.jsonl", [{"id": str(n), "text": text} for n, text in enumerate(texts)])
    counts = run([dump], tmp_path / "out")["counts"]
    assert (counts["too_short"], counts["kept"], counts["duplicates"]) == (6, 6, 1)


def test_bad_records_are_listed_and_the_rest_goes_on(dump: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl.gz"
    bad.write_bytes(gzip.compress(b'{"id": "x", "text": "fine"}\n{"text": null}\n' * 5000)[:-40])
    (tmp_path / "empty.jsonl").touch()
    told = run([bad, dump, tmp_path / "empty.jsonl"], tmp_path / "out")
    rejected = lines(tmp_path / "out" / "rejected.jsonl")
    assert told["counts"]["rejected"] == len(rejected)
    assert rejected[0] == {"file": str(bad), "line": 2, "why": "field 'text' holds null, not text"}
    assert rejected[-1] == {"file": str(tmp_path / "empty.jsonl"), "line": None, "why": "the file is empty"}
    assert "ends early" in str(rejected[-2]["why"])
    counts = told["counts"]
    assert counts["kept"] + counts["duplicates"] + counts["rejected"] == counts["input"]


def test_repeated_ids_stay_and_clusters_tell_them_apart(tmp_path: Path) -> None:
    dump = write(tmp_path / "n.jsonl", [{"id": 7, "text": story(1)}, {"id": 7, "text": story(2)}, {"id": "7", "text": story(1)}])
    told = run([dump], tmp_path / "out")
    kept = lines(tmp_path / "out" / "documents.jsonl")
    assert [(document["id"], document["cluster"], document["copies"]) for document in kept] == [(7, "7", 2), (7, "7~2", 1)]
    assert told["counts"]["repeated_ids"] == 1


def test_fields_of_other_names_and_other_fields_are_carried_through(tmp_path: Path) -> None:
    given = {"key": "a", "body": story(1), "text": [1], "big": 2**80, "nested": {"a": [None, {"b": "é"}]}, "cluster": "mine"}
    run([write(tmp_path / "n.jsonl", [given])], tmp_path / "out", fields=FieldNames(text="body", id="key"))
    (document,) = lines(tmp_path / "out" / "documents.jsonl")
    assert {name: document[name] for name in given if name != "cluster"} == {k: v for k, v in given.items() if k != "cluster"}
    assert document["cluster"] == "a"


def test_appended_stories_become_documents_of_their_own(tmp_path: Path) -> None:
    second = "\n\n".join(("Rain floods the northern valley", *(story(3 + n) for n in range(4))))
    text = f"{story(1)}\n\nSource: Harbour Press\n\nRead also:\n\n{second}"
    dump = write(tmp_path / "n.jsonl", [{"id": "a", "text": text, "lang": "en"}])
    told = run([dump], tmp_path / "out", appended="split")
    kept = lines(tmp_path / "out" / "documents.jsonl")
    assert told["counts"]["split"] == 1
    assert [(document["id"], document["text"]) for document in kept] == [("a", story(1)), ("a#2", second)]
    assert told["characters"]["input"] == len(text) + len(second)


# ---- folders, formats ----


@pytest.mark.parametrize("compress", ["gzip", "zstd"])
def test_compressed_output_reads_back(dump: Path, tmp_path: Path, compress: str) -> None:
    run([dump], tmp_path / "out", options=Options(compress=compress))
    suffix = {"gzip": "gz", "zstd": "zst"}[compress]
    again = run([tmp_path / "out" / f"documents.jsonl.{suffix}"], tmp_path / "again")
    assert again["counts"]["kept"] == 20


def test_parquet_columns_keep_their_types(tmp_path: Path) -> None:
    table = pa.table({
        "id": [1, 2, 3], "text": [story(1), story(2), story(1)], "when": [datetime(2024, 5, 1)] * 3,
        "price": [Decimal("1.50")] * 3, "tags": [["a"], [], None], "place": [{"x": 1.5}] * 3,
        "kind": pa.array(["a", "b", "a"]).dictionary_encode(), "empty": pa.nulls(3, pa.int32()), "bytes": [b"\xff\x00", None, b""],
        "zoned": pa.array([1, None, 1], pa.timestamp("us", "Asia/Riyadh")), "time": pa.array([1, 2, 1], pa.time64("us")),
        "day": pa.array([1, 2, 1], pa.date32()), "milli": pa.array([1, 2, 1], pa.timestamp("ms")), "nano": pa.array([1000, 2000, 1000], pa.timestamp("ns")),
        "small": pa.array([1, 2, 1], pa.int8()), "half": pa.array([1, 2, 1], pa.float32()),
        "whens": pa.array([[1], [], None], pa.list_(pa.timestamp("ms"))), "large": pa.array([2**63, 1, 1], pa.uint64()),
        "map": pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64())), "span": pa.array([1, 2, 1], pa.duration("s")),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "n.parquet")
    run([tmp_path / "n.parquet"], tmp_path / "out", options=Options(parquet=True))
    made = pq.read_table(tmp_path / "out" / "documents.parquet")
    same = ("bytes", "zoned", "time", "day", "milli", "nano", "small", "half", "whens", "large")
    for name in ("id", "text", "when", "price", "tags", "place", "empty", *same):
        assert made.schema.field(name).type == table.schema.field(name).type, name
        assert made[name].to_pylist() == table[name].to_pylist()[:2]
    assert made["copies"].to_pylist() == [2, 1]
    assert made["sources"].to_pylist()[0][1]["id"] == 3
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".json", *[".jsonl"] * 2, *[".parquet"] * 3]


def test_the_schema_is_the_same_whatever_was_found(tmp_path: Path) -> None:
    for name, text in (("a", f"Published: 4 March 2024\n{story(1)}\nTags: storm, budget"), ("b", story(2))):
        run([write(tmp_path / f"{name}.jsonl", [{"id": name, "text": text}])], tmp_path / name, options=Options(parquet=True))
    made = [pq.read_table(tmp_path / name / "documents.parquet") for name in "ab"]
    assert made[0].schema == made[1].schema
    assert made[0]["fields"][0]["tags"].as_py() == ["storm", "budget"] and made[1]["flags"][0].as_py() is None


def test_a_line_longer_than_a_piece_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PIECE", 64)
    dump = write(tmp_path / "n.jsonl", [{"id": "x" * 500, "text": f"Old market to close\n{story(1)}\nTags: storm, budget"}])
    run([dump], tmp_path / "out", options=Options(shard_size=100))
    assert [record["id"] for record in read_results(tmp_path / "out", "removals")] == ["x" * 500]


def test_ranges_of_rows_are_bounded_and_leave_none_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PIECE", 10)
    monkeypatch.setattr(store, "_ROWS", 4)
    column = TextColumn.from_texts(["a" * size for size in (3, 3, 3, 30, 0, 9, 1, 1, 0, 0, 0, 0, 0)])
    assert list(store.spans(column)) == [(0, 3), (3, 4), (4, 7), (7, 11), (11, 13)]
    assert list(store.spans(TextColumn.from_texts([]))) == []


def test_patterns_are_timed_in_few_of_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "_TIMED_FIRST", 1000)
    dumps = [write(tmp_path / f"{n:02}.jsonl", [{"id": f"{n:02}", "text": story(n)}]) for n in range(40)]
    assert 1 <= run(dumps, tmp_path / "out")["slowest_rules"]["documents"] < 20


@pytest.mark.parametrize("fields", [FieldNames(text="sources"), FieldNames(id="flags")])
def test_fields_that_a_run_writes_itself_are_refused(tmp_path: Path, fields: FieldNames) -> None:
    with pytest.raises(UsageError, match="a run writes what it finds under this name"):
        run([write(tmp_path / "n.jsonl", [{"flags": 1, "sources": story(1), "text": story(1)}])], tmp_path / "out", fields=fields)


def test_ids_that_are_numbers_and_text_become_text_in_parquet(tmp_path: Path) -> None:
    story = "The harbour was closed on Monday after a storm, and the ferries stayed in port for the night, {} said."
    numbered = [{"uid": n, "text": story.format(f"pilot{n} of boat{n}")} for n in range(1200)]
    dump = write(tmp_path / "mixed.jsonl", [*numbered, {"uid": "a", "text": story.format("the mayor")}, {"text": "Short."}])
    run([dump], tmp_path / "out", options=Options(parquet=True), fields=FieldNames(id="uid"))
    made = pq.read_table(tmp_path / "out" / "documents.parquet")
    assert "id" not in made.column_names
    assert made.schema.field("uid").type == pa.string()
    assert made.schema.field("sources").type.value_type.field("id").type == pa.string()
    assert {"7", "a"} <= {source["id"] for sources in made["sources"].to_pylist() for source in sources}


@pytest.mark.parametrize("how", [{}, {"compress": "zstd"}, {"parquet": True}])
def test_shards_hold_the_same_records_in_any_format(dump: Path, tmp_path: Path, how: dict[str, object]) -> None:
    run([dump], tmp_path / "one")
    run([dump], tmp_path / "out", options=Options(shard_size=4000, **how))  # type: ignore[arg-type]
    shards = output_files(tmp_path / "out", "documents")
    told = lines(tmp_path / "one" / "documents.jsonl")
    assert [record["id"] for record in read_results(tmp_path / "out", "documents")] == [record["id"] for record in told]
    sizes = [pq.read_metadata(path).num_rows for path in shards] if "parquet" in how else []
    if not how:
        assert all(path.stat().st_size <= 4000 for path in shards)
        assert b"".join(path.read_bytes() for path in shards) == (tmp_path / "one" / "documents.jsonl").read_bytes()
        sizes = [len(lines(path)) for path in shards]
    assert [path.name.split(".")[0] for path in shards] == [f"documents-{n:05}" for n in range(len(shards))]
    assert len(shards) > 2 and (not sizes or sizes == shard_sizes(told, 4000))
    run([dump], tmp_path / "out", options=Options(force=True))
    assert contents(tmp_path / "out") == contents(tmp_path / "one"), "what was there before is gone"


def shard_sizes(records: list[dict[str, object]], limit: int) -> list[int]:
    """Records in each shard, as the README says."""
    sizes, held = [0], 0
    for told in records:
        size = len(encode(told)) + 1
        if held and held + size > limit:
            sizes, held = [*sizes, 0], 0
        sizes[-1], held = sizes[-1] + 1, held + size
    return sizes


def test_a_record_larger_than_a_shard_has_one_to_itself(dump: Path, tmp_path: Path) -> None:
    told = run([dump], tmp_path / "out", options=Options(shard_size=1))
    assert len(output_files(tmp_path / "out", "documents")) == told["counts"]["kept"]


def test_fields_that_do_not_agree_become_text_in_parquet(tmp_path: Path) -> None:
    records = [{"id": "a", "text": story(1), "x": 1, "y": 1, "z": {"a": 1}}, {"id": "b", "text": story(2), "x": "one", "y": 0.5}]
    run([write(tmp_path / "n.jsonl", records)], tmp_path / "out", options=Options(parquet=True))
    made = pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()
    assert [(row["x"], row["y"], row["z"]) for row in made] == [("1", 1.0, {"a": 1}), ("one", 0.5, None)]


def test_an_output_folder_in_use_is_left_alone_unless_forced(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run([dump], out)
    before = contents(out)
    with pytest.raises(UsageError, match="not empty"):
        run([dump], out)
    assert contents(out) == before
    run([dump], out, options=Options(force=True, compress="gzip"))
    assert sorted(path.name for path in out.iterdir())[0] == "documents.jsonl.gz"
    assert not (out / "documents.jsonl").exists()


# ---- workers that die, runs that are cut short ----


def _die_once(item: tuple[Path, int]) -> int:
    marker, number = item
    if number == 3 and (not marker.exists() or marker.read_text() == "always"):
        if not marker.exists():
            marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_a_dead_worker_is_reported_and_its_work_done_by_another(tmp_path: Path) -> None:
    told: list[int] = []
    done = in_order(_die_once, [(tmp_path / "x", n) for n in range(8)], 2, lambda item: told.append(item[1]))
    assert list(done) == [n * n for n in range(8)]
    assert told == [3]


def test_work_that_kills_twice_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("always")
    with pytest.raises(WorkerDied) as error:
        list(in_order(_die_once, [(tmp_path / "x", n) for n in range(8)], 2, lambda item: None))
    assert error.value.code == -9
    assert error.value.item[1] == 3


class Cut(Exception):
    pass


def cut_after(documents: int) -> Watch:
    def advance(done: int, seen: int) -> None:
        if seen >= documents:
            raise Cut

    return Watch(advance=advance)


def test_a_run_that_was_cut_short_goes_on_to_the_same_bytes(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "CHUNK", 2000)
    run([dump], tmp_path / "whole")
    out = tmp_path / "out"
    for documents in (1, 9, 20):
        with pytest.raises(Cut):
            run([dump], out, options=Options(resume=documents > 1, watch=cut_after(documents)))
        for path in (out / ".work").glob("*.bin"):  # what a kill may leave: a block half written
            with path.open("ab") as file:
                file.write(b"half a block")
        with (out / ".work" / "journal.jsonl").open("ab") as file:
            file.write(b'{"sizes": {"text"')
    with pytest.raises(UsageError, match="unfinished run; go on with --resume"):
        run([dump], out)
    run([dump], out, options=Options(resume=True))
    assert contents(out) == contents(tmp_path / "whole")
    told = [json.loads((folder / "run.json").read_text()) for folder in (out, tmp_path / "whole")]
    for name in ("counts", "removals", "rules_used", "languages", "sites", "characters"):
        assert told[0][name] == told[1][name]
    assert run([dump], out, options=Options(resume=True)) == told[0], "a finished run has nothing left to do"


def test_another_run_is_not_resumed(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(Cut):
        run([dump], out, options=Options(watch=cut_after(1)))
    with pytest.raises(UsageError, match="cannot resume: not the same settings"):
        run([dump], out, settings=DedupSettings(keep="longest"), options=Options(resume=True))
    write(dump, RECORDS[:5])
    with pytest.raises(UsageError, match="cannot resume: not the same inputs"):
        run([dump], out, options=Options(resume=True))


def test_an_input_that_does_not_exist_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        run([tmp_path / "nowhere.jsonl"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_counts_add_up(tmp_path: Path) -> None:
    draw = random.Random(5)
    records = [record(n, draw.randrange(12)) for n in range(60)]
    told = run([write(tmp_path / "n.jsonl", records)], tmp_path / "out")
    kept = lines(tmp_path / "out" / "documents.jsonl")
    duplicates = lines(tmp_path / "out" / "duplicates.jsonl")
    assert sum(int(str(document["copies"])) for document in kept) == told["counts"]["input"] == 60
    assert Counter(d["cluster"] for d in duplicates) == {d["id"]: int(str(d["copies"])) - 1 for d in kept if d["copies"] != 1}


def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    """kill -9, workers and all, at moments of chance: twice, or as often as NEWSCLEAN_KILLS says."""
    dump = write(tmp_path / "n.jsonl", [record(n, n - (n % 3 == 2)) for n in range(200)])
    command = [sys.executable, "-c", RUN_IN_SMALL_BLOCKS, str(dump)]
    subprocess.run([*command, str(tmp_path / "whole")], check=True)
    draw = random.Random(7)
    for _ in range(int(os.environ.get("NEWSCLEAN_KILLS", "2"))):
        process = subprocess.Popen([*command, str(tmp_path / "out")], start_new_session=True)
        while process.poll() is None and not (tmp_path / "out" / ".work").exists():
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 2))
        with contextlib.suppress(ProcessLookupError):  # it may have come to its end
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([*command, str(tmp_path / "out")], check=True)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


RUN_IN_SMALL_BLOCKS = """
import sys, time
from newsclean import Options, run
from newsclean.engines.blocks import Watch
from newsclean.formats import encode, read_results, streams
from newsclean.formats.outputs import output_files
if __name__ == "__main__":
    streams.CHUNK = 5000
    slowly = Watch(advance=lambda done, documents: time.sleep(0.01))
    run([sys.argv[1]], sys.argv[2], options=Options(workers=2, resume=True, watch=slowly))
"""
