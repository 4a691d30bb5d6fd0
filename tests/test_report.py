"""The report of a run: true to the run's files, one file that loads nothing, harmless whatever the articles say."""

import gzip
import json
import re
import shutil
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from newsclean import InputError, Options, UsageError, dedup_files, load_rules, run
from newsclean.cli import main
from newsclean.report import write_report
from newsclean.report.copies import Copies, Likeness
from newsclean.report.sample import Reservoir, sample_removals
from newsclean.report.texts import read_originals

SAMPLES = Path(__file__).parent / "samples" / "articles.jsonl"
EVIL = "</script></style></title><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7777 * 7777 }}\u202e"
VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """Elements with their attributes, and the text below each section's id."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text.append(" ".join(data.split()))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self):
        return " ".join(filter(None, self.text))


def write(path: Path, records: list[dict]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def report(folder: Path, newer: Path | None = None) -> Page:
    target = folder.parent / "made.html"
    write_report(folder, str(target), newer, force=True)
    page = Page(target.read_text(encoding="utf-8"))
    assert not page.open
    assert target.stat().st_size < 5_000_000
    assert harmless(page)
    return page


def harmless(page: Page) -> bool:
    """Our script and style only, by their hashes; nothing loaded; no handler or style attributes; links to the web alone."""
    (script,) = re.findall(r"<script>(.*?)</script>", page.source, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page.source, re.DOTALL)
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    for kind, content in (("script", script), ("style", style)):
        assert f"{kind}-src 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert page.all("link") == [{"rel": "icon", "href": "data:,"}]
    for tag, attributes in page.elements:
        assert tag not in {"img", "iframe", "object", "embed", "form", "base", "audio", "video", "use", "foreignobject"}
        assert not any(name == "style" or name.startswith("on") or name == "src" for name in attributes), attributes
        if tag == "a":
            assert re.match(r"#|https?://", attributes["href"] or ""), attributes
    assert not re.search("[\u202a-\u202e\u2066-\u2069\0]", page.source)
    return True


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    source = shutil.copy2(SAMPLES, folder / "articles.jsonl")
    run([source], folder / "out")
    return folder / "out"


def test_a_report_says_what_the_run_did(out):
    page, told = report(out), json.loads((out / "run.json").read_text())
    counts = told["counts"]
    assert f"{counts['kept']} stories stayed, each once" in page.words
    assert f"{counts['duplicates']} were copies of these" in page.words
    assert {section["id"] for section in page.all("section")} == {
        "overview", "removed", "rules", "documents", "held", "copies", "likeness", "rejected", "run",
    }  # fmt: skip
    for rule in told["rules_used"]:
        assert rule in page.words
    assert "Rules that never fired" in page.words
    assert "whole texts" not in page.words


def test_documents_stand_whole_with_their_removals_struck(out):
    page = report(out)
    removals = [json.loads(line) for line in (out / "removals.jsonl").read_text().splitlines()]
    struck = {(mark["class"], mark.get("title")) for mark in page.all("del")}
    for removal in removals:
        assert (f"mark {removal['class']}", f"{removal['class']} · {removal['rule']}") in struck
    assert "The glass bells of Ostrand rang" in page.words, "what stays is shown too"
    assert all(p.get("dir") == "auto" for p in page.all("p") if set(p) == {"dir"})


def test_the_same_run_gives_the_same_report(out):
    assert report(out).source == report(out).source


@pytest.mark.parametrize("options", [Options(parquet=True), Options(compress="zstd"), Options(compress="gzip")])
def test_every_format_gives_the_same_report(out, tmp_path, options):
    run([out.parent / "articles.jsonl"], tmp_path / "out", options=options)
    first, second = (re.sub(r"[\d.,]+ (MB/s|MB)|(?<=class=\"n\">)[\d.]+<|[\d.]+ s<|width=\"[\d.]+\"|at [\d.]+", "", report(folder).source) for folder in (out, tmp_path / "out"))
    assert first == second


def test_without_the_input_what_was_removed_is_shown(out, tmp_path):
    for change in (lambda path: path.unlink(), lambda path: path.write_text('{"text": "other"}\n')):
        folder = tmp_path / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        source = shutil.copy2(SAMPLES, folder / "articles.jsonl")
        run([source], folder / "out")
        change(source)
        page = report(folder / "out")
        assert "Its text is not at hand" in page.words
        assert "the input" in page.words
        assert len(page.all("del")) > 50


def test_text_files_are_found_again_by_the_name_of_their_folder(tmp_path):
    text = "Old market to close\nTags: harbour, trade\n" + "The council voted on Monday to close the old fish market. " * 5
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "a.txt").write_text(text)
    run([tmp_path / "in"], tmp_path / "out")
    assert "not at hand" not in report(tmp_path / "out").words


def test_what_partition_folders_say_is_known_when_texts_are_read_again(tmp_path):
    (tmp_path / "in" / "lang=en" / "site=paper.example").mkdir(parents=True)
    table = pa.table({"id": ["a"], "text": ["Old market to close\nTags: harbour, trade"]})
    pq.write_table(table, tmp_path / "in" / "lang=en" / "site=paper.example" / "0.parquet")
    told = run([tmp_path / "in"], tmp_path / "out")
    document = read_originals(tmp_path / "out", told, {"a"}).documents["a"]
    assert (document.language, document.site) == ("en", "paper.example")


def test_stories_split_off_stand_whole_as_well(tmp_path):
    first, second = (
        [f"{kind} market to close", *(f"The council voted on {day} to close the old {kind} market by the end of the year, and traders had not been asked." for day in ("Monday", "Tuesday", "Friday"))]
        for kind in ("Fish", "Flower")
    )  # fmt: skip
    text = "\n".join([*first, "Source: Harbour Press", "Read also:", *second, "Source: Valley Post"])
    run([write(tmp_path / "n.jsonl", [{"id": "a", "text": text, "language": "en"}])], tmp_path / "out", appended="split")
    page = report(tmp_path / "out")
    assert "a#2" in page.words and "not at hand" not in page.words
    assert page.words.count(second[2]) >= 2, "once in the document it stood in, once by itself"


def hostile_records(n: int = 1) -> list[dict]:
    story = "The council voted on Monday to close the old fish market by the end of the year, and traders had not been asked. " * 3
    return [
        {
            "id": f"{EVIL}{i}", "url": f"javascript:alert({i})//{EVIL}", "site": EVIL, "source": EVIL, "language": "en",
            "published": EVIL if i % 2 else "2024-05-01", "title": EVIL, "text": f"{EVIL}\n{story}{EVIL}\nTags: {EVIL}\n\ud83d\0",
        }
        for i in range(n)
    ]  # fmt: skip


def test_hostile_articles_do_no_harm(tmp_path):
    source = write(tmp_path / "evil.jsonl", hostile_records(4))
    with source.open("a") as file:
        file.write(EVIL + "\n" + json.dumps({EVIL: EVIL}) + "\n")
    run([source], tmp_path / "out")
    page = report(tmp_path / "out")
    assert "60481729" not in page.words, "templates are not made of articles"
    assert "⟦U+202E⟧" in page.words
    assert not [link for link in page.all("a") if "alert" in (link["href"] or "")]


def test_a_line_of_5_mb_does_no_harm(tmp_path):
    records = hostile_records(2)
    records[0]["text"] += "\nTags: " + "x, y " * 1_000_000
    records[1]["text"] = "word " * 1_000_000
    records[1]["title"] = records[1]["site"] = "t" * 1_000_000
    run([write(tmp_path / "long.jsonl", records)], tmp_path / "out")
    assert len(report(tmp_path / "out").source) < 1_000_000


def test_many_documents_fit_in_one_page(tmp_path):
    lines = "".join(f"Tags: {chr(97 + n % 26) * 40} {n}\nA story line of some length, number {n}, that says nothing much.\n" for n in range(100))
    address = "https://example.org/" + "&" * 400
    records = [{"id": f"{n}{'&' * 400}", "url": address, "title": address, "text": f"{n % 30} {lines}"} for n in range(60)]
    run([write(tmp_path / "n.jsonl", records)], tmp_path / "out")
    report(tmp_path / "out")


def test_an_empty_run_has_a_report(tmp_path):
    run([write(tmp_path / "n.jsonl", [{"id": "a", "text": "Only one."}])], tmp_path / "out")
    page = report(tmp_path / "out")
    assert "Nothing: no rule fired." in page.words
    assert "No document is a copy of another." in page.words


def test_what_is_no_run_is_told(out, tmp_path):
    with pytest.raises(InputError, match=r"holds no run\.json"):
        write_report(tmp_path, str(tmp_path / "r.html"))
    dedup_files([SAMPLES], tmp_path / "dedup")
    with pytest.raises(InputError, match="newsclean dedup"):
        write_report(tmp_path / "dedup", str(tmp_path / "r.html"))
    shutil.copytree(out, tmp_path / "part")
    (tmp_path / "part" / "rules.jsonl").unlink()
    with pytest.raises(InputError, match="holds no rules"):
        write_report(tmp_path / "part", str(tmp_path / "r.html"))
    assert not (tmp_path / "r.html").exists()
    (tmp_path / "r.html").touch()
    with pytest.raises(UsageError, match="exists already"):
        write_report(out, str(tmp_path / "r.html"))


def test_without_its_libraries_the_remedy_is_told(out, monkeypatch):
    monkeypatch.setattr("newsclean.report.find_spec", lambda name: None if name == "pygal" else name)
    result = CliRunner().invoke(main, ["report", str(out), "-o", "-"])
    assert result.exit_code == 2
    assert "a report needs pygal: pip install 'newsclean[report]'" in result.output


# ---- two runs ----


@pytest.fixture
def two_runs(tmp_path) -> tuple[Path, Path]:
    """The second with a rule more and a rule less."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "base.toml").write_text(
        "[[rule]]\nid = 'ferry'\nclass = 'ad'\nwhy = 'the ferry'\nlabel = ['Ferry times']\n"
        "drop = ['Ferry times: six, nine']\nkeep = ['He asked for ferry times: nobody knew them.']\n"
    )
    (tmp_path / "rules" / "lang").mkdir()
    (tmp_path / "rules" / "lang" / "en.toml").write_text("disable = ['lang/en:tags', 'base:tags-label']\n")
    story = "The council voted on Monday to close the old fish market by the end of the year, and traders had not been asked."
    records = [
        {"id": f"n{n}", "language": "en", "text": f"{story} It was vote {n} of {n + 7}.\nFerry times: six, {n}\nTags: harbour, trade"}
        for n in range(3)
    ]
    source = write(tmp_path / "n.jsonl", [*records, {"id": "same", "language": "en", "text": "Nothing to see in this one."}])
    run([source], tmp_path / "old")
    run([source], tmp_path / "new", rules=load_rules([tmp_path / "rules"]))
    return tmp_path / "old", tmp_path / "new"


def test_two_runs_show_what_a_change_of_rules_did(two_runs):
    page = report(*two_runs)
    assert "3 documents cleaned differently" in page.words
    assert "0 documents kept" in page.words
    assert {(mark["class"], mark.get("title")) for mark in page.all("del")} >= {("mark ad", "newly removed · ad · base:ferry")}
    assert ("mark tags", "newly kept · tags · lang/en:tags") in {(m["class"], m.get("title")) for m in page.all("ins")}
    assert "Ferry times: six, 2" in page.words and "Nothing to see" not in page.words
    assert "new rule" in page.words


def test_a_run_is_no_different_from_itself(two_runs):
    page = report(two_runs[0], two_runs[0])
    assert "0 documents cleaned differently" in page.words
    assert "Every document is cleaned as before." in page.words


def test_hostile_runs_compared(tmp_path):
    source = write(tmp_path / "evil.jsonl", hostile_records(3))
    run([source], tmp_path / "a")
    run([source], tmp_path / "b", rules=load_rules([], packaged=False), shape=False)
    for ends in (("a", "b"), ("b", "a")):
        report(*(tmp_path / name for name in ends))


# ---- the parts ----


def test_a_sample_has_every_class_and_the_documents_that_lost_most():
    records = [
        {"id": n, "start": 0, "end": 1 + (n == 777) * 99, "class": "date" if n % 500 else "ad", "rule": f"base:r{n % 7}", "text": "x"}
        for n in range(1000)
    ]
    sample = sample_removals(records, asked={"5"})
    assert sample.touched == 1000
    assert len(sample.rules) == 7 and all(len(examples) == 3 for examples in sample.rules.values())
    assert next(iter(sample.documents)) == "777"
    assert {"ad", "date"} == {name for taken in sample.documents.values() for name in taken.classes}
    assert sample.removals_of("5") == [records[5]] and sample.removals_of("6") == []


def test_a_reservoir_is_fair():
    times = [0] * 10
    for start in range(2000):
        kept = Reservoir[int](3)
        kept._random.seed(start)
        for n in range(10):
            kept.add(n)
        for n in kept.items:
            times[n] += 1
    assert all(500 < n < 700 for n in times)


def test_who_had_a_story_first_and_how_much_later_others_did():
    copies = Copies()
    about = [("b", "2024-05-01 10:00"), ("a", "2024-05-01 09:00"), ("a", "2024-05-01 12:00"), ("c", None)]
    sources = [{"id": n, "site": site, "published": when} for n, (site, when) in enumerate(about)]
    copies.add({"id": "0", "title": None, "text": "", "copies": 4, "sources": sources})
    copies.add({"id": "9", "title": None, "text": "", "copies": 1, "sources": [{"id": "9", "site": "a"}]})
    (flow,) = copies.flows.values()
    assert (flow.first, flow.then, round(flow.median * 24, 6)) == ("a", "b", 1)
    origin = copies.origins["a"]
    assert (origin.stories, origin.first, origin.later, origin.own_copies) == (2, 1, 0, 1)
    assert copies.sizes == {"4": 1} and copies.lags == {"1 h": 1}
    (largest,) = (cluster for cluster in copies.largest() if cluster["copies"] == 4)
    assert [member["name"] for member in largest["members"]] == ["a", "b", "a", "c"]


def test_the_least_alike_copies_come_first():
    likeness = Likeness()
    for n in range(100):
        likeness.add({"id": n, "relation": "near", "covered": n / 99, "jaccard": 1.0})
    assert [record["id"] for record in likeness.nearest] == list(range(12))
    assert sum(likeness.covered) == 100 and likeness.jaccard[-1] == 100


def test_a_compressed_result_is_read_back(tmp_path):
    from newsclean.formats import read_results

    (tmp_path / "documents.jsonl.gz").write_bytes(gzip.compress(b'{"id":1}\n{"id":2}\n'))
    assert list(read_results(tmp_path, "documents")) == [{"id": 1}, {"id": 2}]
    (tmp_path / "removals.jsonl").write_bytes(b'{"id":1}\n{"id":\n')
    with pytest.raises(InputError, match=r"removals\.jsonl:2"):
        list(read_results(tmp_path, "removals"))
