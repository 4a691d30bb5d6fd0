"""The index: what it says of documents that come day by day is what `dedup` says of all of them at once, crash or not."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import DedupSettings, Document, DuplicateIndex, UsageError, dedup
from newsclean.cli import main
from newsclean.dedup.candidates import candidates
from newsclean.index import duplicates
from newsclean.index.place import arrive

_DRAW = random.Random(7)
WORDS = ["".join(_DRAW.choices("abcdefghijklmnoprstuvwxyz", k=_DRAW.randint(2, 9))) for _ in range(3000)]
STORIES = [_DRAW.choices(WORDS, k=_DRAW.randint(60, 200)) for _ in range(6)]
FOOTER = "\nThe Skarn Herald keeps you informed. Write to the editors. All of our letters are read with care by people."


def story(number: int, edit: int = 0) -> str:
    """A story, and edited copies of it: words replaced, the end cut, a paragraph added."""
    words = list(STORIES[number])
    for place in range(edit, len(words), 25 + edit):
        words[place] = WORDS[(place * 7 + edit) % len(WORDS)]
    return " ".join(words[: len(words) - 9 * edit] + (STORIES[number - 1][:50] if edit % 2 else []))


def document(name: str, number: int, edit: int = 0, **known: str) -> Document:
    return Document(story(number, edit), id=name, **known)


@st.composite
def feeds(draw: st.DrawFn) -> list[list[Document]]:
    """Days of a feed: stories and copies of them, dated within a week or not at all."""
    arrival = st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 7))
    days = draw(st.lists(st.lists(arrival, max_size=8), max_size=4))
    return [
        [
            document(f"{day}-{place}", number, edit, **({"published": f"2024-05-{10 + on}"} if on else {}))
            for place, (number, edit, on) in enumerate(arrivals)
        ]
        for day, arrivals in enumerate(days)
    ]


FIRST = DedupSettings(keep="first")


@settings(max_examples=25)
@given(feeds())
def test_day_by_day_is_all_at_once(feed: list[list[Document]]) -> None:
    everything = [document for day in feed for document in day]
    expected = {member.id: cluster.kept.id for cluster in dedup(everything, FIRST) for member in cluster.members}
    with tempfile.TemporaryDirectory() as folder:
        index = DuplicateIndex.create(folder, FIRST)
        for day in feed:
            asked, added = index.query(day), index.add(day)
            assert asked == added
            assert [(v.kept_id, v.kept) for v in added] == [(expected[d.id], expected[d.id] == d.id) for d in day]
            assert all(v.cluster == v.kept_id for v in added)
        assert len(index) == len(everything)
        assert [v.kept_id for v in index.add(everything)] == [expected[d.id] for d in everything]
        assert len(index) == len(everything), "what is known is not added again"


@settings(max_examples=25)
@given(feeds(), st.sampled_from([None, 2.0]))
def test_who_meets_whom_is_the_same(feed: list[list[Document]], window: float | None) -> None:
    chosen = DedupSettings(keep="first", window=window)
    before, today = [d for day in feed[:-1] for d in day], feed[-1] if feed else []
    n = len(before)
    everything = arrive(before + today, chosen)
    pairs = candidates(everything.signatures, everything.days, chosen, everything.rank)
    expected = {(before[a].id, today[b - n].id) for a, b in pairs.tolist() if a < n <= b}
    with tempfile.TemporaryDirectory() as folder:
        index = DuplicateIndex.create(folder, chosen)
        for day in feed[:-1]:
            index.add(day)
        new = arrive(today, chosen)
        met = index._archive.meet(new.signatures, new.days, chosen)
        names = index._archive.names("id", met[:, 1])
        assert {(a, new.ids[b]) for a, b in zip(names, met[:, 0].tolist(), strict=True)} == expected


@pytest.fixture
def index(tmp_path: Path) -> DuplicateIndex:
    return DuplicateIndex.create(tmp_path / "index")


def test_clusters_are_stable_when_an_earlier_copy_comes_later(index: DuplicateIndex) -> None:
    (first,) = index.add([document("a", 0, published="2024-05-12")])
    copy, again, other = index.add(
        [
            document("b", 0, 2, published="2024-05-11"),
            Document(story(0).upper(), id="c", published="2024-05-12"),
            document("d", 1, published="2024-05-12"),
        ]
    )
    assert (first.cluster, first.kept, first.relation) == ("a", True, None)
    assert (copy.cluster, copy.kept, copy.kept_id, copy.relation) == ("a", False, "a", "near")
    assert (again.cluster, other.cluster) == ("a", "d")
    assert again.relation == "exact"
    assert 0.5 < copy.jaccard < copy.covered <= 1


def test_the_policy_chooses_among_those_that_come_together(index: DuplicateIndex) -> None:
    told = index.add([document("late", 0, published="2024-05-12"), document("early", 0, 1, published="2024-05-11")])
    assert [verdict.kept_id for verdict in told] == ["early", "early"]


def test_relations_are_seen_from_the_new_document(index: DuplicateIndex) -> None:
    index.add([document("a", 0)])
    long = Document(f"{story(0)}\n{story(1)}\n{story(2)}", id="long")
    (told,) = index.add([long])
    assert (told.kept_id, told.relation) == ("a", "contains")
    (cut,) = index.query([Document(story(3), id="cut")])
    assert (cut.kept, cut.relation) == (True, None)


def test_the_same_id_with_other_words_is_another_document(index: DuplicateIndex) -> None:
    one, repeat, other = index.add([document("a", 0), document("a", 0), document("a", 1)])
    assert (one.known, repeat.known, other.known) == (False, True, False)
    assert (repeat.cluster, other.cluster) == ("a", "a~1")
    assert len(index) == 2
    (third,) = index.add([document("a", 2)])
    assert third.cluster == "a~2"
    assert [verdict.cluster for verdict in index.query([document("b", 1), document("c", 2)])] == ["a~1", "a~2"]


def test_names_of_clusters_are_not_given_twice_while_a_member_is_left(index: DuplicateIndex) -> None:
    index.add([document("1", 0, published="2024-05-01")])
    index.add([document("2", 0, 2, published="2024-05-02")])
    index.expire("2024-05-02")
    (new,) = index.add([document("1", 3, published="2024-05-02")])
    assert (new.kept, new.cluster) == (True, "1~2")
    assert index.query([document("q", 0, 2)])[0].cluster == "1"


def test_documents_without_an_id_are_refused(index: DuplicateIndex) -> None:
    with pytest.raises(UsageError, match="document 1 has no id"):
        index.add([document("a", 0), Document("words")])
    assert len(index) == 0


def test_furniture_of_a_source_does_not_make_copies(index: DuplicateIndex) -> None:
    """A short note under a long footer: the footer was printed on the days before."""
    long_footer = FOOTER + " " + " ".join(WORDS[:150])
    pages = [Document(" ".join(WORDS[200 + 40 * i : 240 + 40 * i]) + long_footer, id=f"p{i}", source="Herald") for i in range(6)]
    index.add(pages[:3])
    told = index.add(pages[3:])
    assert [verdict.kept for verdict in told] == [True] * 3
    assert [verdict.kept for verdict in index.query([Document(d.text, id=f"q{d.id}") for d in pages])] == [False] * 6


def test_the_window_holds(index: DuplicateIndex) -> None:
    index.add([document("a", 0, published="2024-05-01")])
    late, soon, undated = index.query(
        [document("b", 0, published="2024-05-09"), document("c", 0, published="2024-05-02"), document("d", 0)]
    )
    assert (soon.kept_id, undated.kept_id) == ("a", "a")
    assert late.kept or late.kept_id != "a"


def test_expire(index: DuplicateIndex) -> None:
    index.add([document(f"d{day}", day, published=f"2024-05-0{day + 1}") for day in range(5)] + [document("x", 5)])
    index.add([document("copy", 2, 1, published="2024-05-04")])
    stats = index.stats()
    assert (stats.documents, stats.clusters, stats.undated) == (7, 6, 1)
    assert (stats.earliest, stats.latest) == ("2024-05-01", "2024-05-05")
    assert index.expire("2024-05-04") == 3
    assert len(index) == 4
    gone, there, undated, left = index.query(
        [document("q0", 0), document("q3", 3), document("q5", 5), document("q2", 2, 1)]
    )
    assert gone.kept
    assert (there.kept_id, undated.kept_id) == ("d3", "x")
    assert (left.cluster, left.kept_id) == ("d2", "copy"), "the cluster keeps its name; the copy stands in"
    assert DuplicateIndex(index.folder).stats() == index.stats()
    (old,) = index.add([document("old", 0, published="2024-05-01")])
    assert old.kept and not old.known
    assert len(index) == 5, "what is added after is not expired"
    assert index.expire("2030-01-01") == 6 - 1
    assert index.stats().documents == len(list(index.folder.glob("*.arrow"))) == 0
    with pytest.raises(UsageError, match="is not a date"):
        index.expire("yesterday")


def test_small_segments_are_merged_and_answers_stay(index: DuplicateIndex) -> None:
    reader = DuplicateIndex(index.folder)
    everything = [document(f"{number}-{edit}", number, edit) for edit in range(4) for number in range(6)]
    first = [index.add([document])[0] for document in everything]
    old = reader._archive
    assert index.stats().segments <= 5
    assert len(list(index.folder.glob("*.npy"))) == index.stats().segments
    assert [v.cluster for v in reader.query(everything)] == [v.cluster for v in first]
    assert all(v.known for v in reader.query(everything))
    assert old is not reader._archive


def test_what_is_merged_is_written_once(index: DuplicateIndex) -> None:
    before = index.stats().generation
    for number in range(6):
        index.add([document(f"a{number}", number)])
    assert index.stats().segments <= 3
    assert index.stats().generation == before + 6


def test_of_a_hot_bucket_few_are_compared(tmp_path: Path) -> None:
    index = DuplicateIndex.create(tmp_path / "index", DedupSettings(bucket=3))
    index.add([document(f"a{i}", 0, published=f"2024-05-12T{i:02}:00") for i in range(20)])
    new = arrive([document("b", 0, published="2024-05-12")], index.settings)
    met = index._archive.meet(new.signatures, new.days, index.settings)
    assert index._archive.names("id", met[:, 1]) == ["a0", "a19"]
    assert index.query([document("b", 0, 2, published="2024-05-13T12:00")])[0].kept_id == "a0"


def test_a_reader_keeps_its_generation_while_files_go(index: DuplicateIndex) -> None:
    index.add([document("a", 0)])
    archive = index._archive
    index.add([document("b", 1)])
    assert not (index.folder / f"{archive.segments[0].name}.arrow").exists()
    assert archive.names("id", np.array([0])) == ["a"]


def test_one_writer(index: DuplicateIndex) -> None:
    other = DuplicateIndex(index.folder)
    with index.writing():
        with pytest.raises(UsageError, match="another process is writing"):
            other.add([document("a", 0)])
        index.add([document("b", 0)])
        assert other.query([document("c", 0)])[0].kept_id == "b"
    assert other.add([document("c", 0)])[0].kept_id == "b"


def test_refused(index: DuplicateIndex, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no index is here"):
        DuplicateIndex(tmp_path / "nothing")
    with pytest.raises(UsageError, match="not empty"):
        DuplicateIndex.create(index.folder)
    with pytest.raises(UsageError, match=r"other settings \(window\)"):
        DuplicateIndex(index.folder, DedupSettings(window=None))
    DuplicateIndex(index.folder, DedupSettings())
    manifest = index.folder / "index.json"
    told = json.loads(manifest.read_text())
    for change, why in (
        ({"format": 99}, "format 99"),
        ({"probe": "0"}, "signed texts differently"),
        ({"settings": {**told["settings"], "strange": 1}}, "differs in strange"),
    ):
        manifest.write_text(json.dumps({**told, **change}))
        with pytest.raises(UsageError, match=why):
            DuplicateIndex(index.folder)


@pytest.mark.parametrize("damage", ["{}", '{"format": '])
def test_a_damaged_index_is_told(index: DuplicateIndex, damage: str) -> None:
    (index.folder / "index.json").write_text(damage)
    with pytest.raises(UsageError, match=r"damaged, index\.json"):
        DuplicateIndex(index.folder)


def test_what_was_not_committed_does_not_count(index: DuplicateIndex) -> None:
    """The state a crash leaves between the writing of a segment and the manifest."""
    index.add([document("a", 0)])
    before = (index.folder / "index.json").read_bytes()
    segment = {path.name: path.read_bytes() for path in index.folder.glob("00*")}
    index.add([document(f"b{i}", i) for i in range(6)])
    (index.folder / "index.json").write_bytes(before)
    for name, content in segment.items():
        (index.folder / name).write_bytes(content)
    (index.folder / ".index.json.part").write_bytes(before[:50])
    left = DuplicateIndex(index.folder)
    assert len(left) == 1
    told = left.add([document("b0", 0), document("b1", 1)])
    assert [verdict.kept_id for verdict in told] == ["a", "b1"]
    assert len(list(index.folder.glob("*.arrow"))) == left.stats().segments


_FEED = """
import sys
sys.path[:0] = sys.argv[3:]
from test_index import crash_feed
from newsclean import DuplicateIndex
index = DuplicateIndex(sys.argv[1])
print("ready", flush=True)
for day in crash_feed():
    index.add(day)
"""


def crash_feed() -> list[list[Document]]:
    return [[document(f"{day}-{i}", i, (day + i) % 5) for i in range(6)] for day in range(12)]


def test_killed_while_adding(tmp_path: Path) -> None:
    draw = random.Random()
    folder, expected = tmp_path / "index", {}
    whole = DuplicateIndex.create(tmp_path / "whole")
    for day in crash_feed():
        expected |= {verdict.id: verdict for verdict in whole.add(day)}
    index = DuplicateIndex.create(folder)
    for _ in range(2):
        here = str(Path(__file__).parent)
        with subprocess.Popen([sys.executable, "-c", _FEED, folder, "", here], stdout=subprocess.PIPE) as feeder:
            assert feeder.stdout is not None and feeder.stdout.readline() == b"ready\n"
            time.sleep(draw.uniform(0.05, 0.4))
            feeder.send_signal(signal.SIGKILL)
        assert len(index) % 6 == 0, "a day is in whole or not at all"
        there = [v for v in index.query([document for day in crash_feed() for document in day]) if v.known]
        assert len(there) == len(index)
        assert all((v.cluster, v.kept_id) == (expected[v.id].cluster, expected[v.id].kept_id) for v in there)
    for day in crash_feed():
        for verdict in index.add(day):
            assert verdict.cluster == expected[verdict.id].cluster
    assert index.stats().documents == whole.stats().documents == 72


def test_segments_stay_below_their_limit(index: DuplicateIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MERGED", 3)
    for number in range(6):
        index.add([document(f"a{number}", number)])
    assert max(len(segment) for segment in index._archive.segments) <= 3
    assert [v.kept_id for v in index.query([document("q", 2, 1)])] == ["a2"]


def test_to_and_from_datasketch(index: DuplicateIndex, tmp_path: Path) -> None:
    from datasketch import LeanMinHash, MinHash, MinHashLSH

    long = " ".join(story(number) for number in range(3))
    index.add([Document(long, id="a", published="2024-05-12"), document("b", 4), Document("A brief of six short words.", id="c")])
    sketches = dict(index.minhashes())
    lsh = MinHashLSH(threshold=0.5, num_perm=128)
    for name, sketch in sketches.items():
        lsh.insert(name, sketch)
    copy = DuplicateIndex.create(tmp_path / "copy")
    copy.add([Document(long + " one more line", id="q")])
    assert lsh.query(next(copy.minhashes())[1]) == ["a"]

    other = DuplicateIndex.create(tmp_path / "other")
    stored = {name: bytearray(sketch.bytesize()) for name, sketch in sketches.items()}
    for name, sketch in sketches.items():
        sketch.serialize(stored[name])
    moved = [(name, LeanMinHash.deserialize(value)) for name, value in stored.items()]
    assert (other.add_minhashes(moved), other.add_minhashes(moved), len(other)) == (3, 0, 3)
    near, far, brief, edited = other.add(
        [
            Document(f"{long} {story(3)[:250]}", id="near"),
            document("far", 5),
            Document("A brief of six short words", id="brief"),
            Document("A brief of six or seven short words.", id="edited"),
        ]
    )
    assert (near.kept_id, near.relation) == ("a", "near")
    assert 0.75 < near.jaccard < 1
    assert (far.kept, brief.kept_id, edited.kept) == (True, "c", True)
    for strange in (MinHash(num_perm=64, seed=1, scheme="affine32"), MinHash(num_perm=128, seed=1, scheme="legacy")):
        with pytest.raises(UsageError, match="add the text instead"):
            other.add_minhashes([("x", strange)])


def lines(documents: list[Document], path: Path) -> Path:
    told = ("id", "text", "published")
    records = ({name: getattr(d, name) for name in told if getattr(d, name)} for d in documents)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_commands(tmp_path: Path) -> None:
    def newsclean(*args: object, status: int = 0) -> tuple[list[dict[str, object]], str]:
        done = CliRunner().invoke(main, ["index", *map(str, args)], catch_exceptions=False)
        assert done.exit_code == status, done.output
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")], done.stderr

    folder = tmp_path / "archive"
    monday = lines([document("a", 0, published="2024-05-13"), document("b", 1, published="2024-05-13")], tmp_path / "mon")
    tuesday = lines([document("c", 0, 2, published="2024-05-14"), document("a", 0)], tmp_path / "tue")
    _, told = newsclean("add", folder, monday, status=2)
    assert "no index is here; begin one with: newsclean index create" in told
    newsclean("create", folder, "--window", "3d", "--keep", "longest")
    added, told = newsclean("add", folder, monday)
    assert added == [{"id": "a", "cluster": "a", "kept": True}, {"id": "b", "cluster": "b", "kept": True}]
    assert told.endswith("2 documents: 2 new stories, 0 duplicates, 0 known before\n")
    asked, _ = newsclean("query", folder, tuesday, "-q")
    newsclean("add", folder, tuesday, "-o", tmp_path / "told.jsonl")
    assert asked == [json.loads(line) for line in (tmp_path / "told.jsonl").read_text().splitlines()]
    copy, known = asked
    assert copy.items() >= {"id": "c", "cluster": "a", "kept": False, "kept_id": "a", "relation": "near"}.items()
    assert known == {"id": "a", "cluster": "a", "kept": True, "known": True}
    (stats,), _ = newsclean("stats", folder, "--json")
    assert (stats["documents"], stats["clusters"], stats["latest"]) == (3, 2, "2024-05-14")
    _, told = newsclean("expire", folder, "--before", "2024-05-14")
    assert told == "2 documents forgotten, 1 stay\n"
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": 7, "text": "Snow fell."}\nnonsense\n')
    told, why = newsclean("add", folder, bad, status=2)
    assert told == [{"id": 7, "cluster": "7", "kept": True}]
    assert "bad.jsonl:2: not JSON" in why
