"""Input made to hurt does not: what it says of itself stays data, and one bad document costs no other.

What is too large for a test is in benchmarks/hostile.py; damaged files are in test_fuzz.py.
"""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsclean import Options, load_rules, run
from newsclean.formats import FieldNames, find_sources, parse, read_blocks, read_results, records

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
