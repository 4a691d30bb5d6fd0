"""What sites repeat: furniture goes, and nothing that a story shares with its copies, its updates or its background."""

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import Document, InputError, clean, clean_batch
from newsclean.cli import main
from newsclean.formats import Block, FieldNames
from newsclean.pipeline import repetition
from newsclean.pipeline.repetition import BlockLines, LineCounts, count_block, load_profile, profile_of, spell_block
from newsclean.profile import Profile, SiteLines, parse_profile, sure_share, write_profile

WORDS = [
    "harbour",
    "ministers",
    "agreed",
    "council",
    "bridge",
    "river",
    "election",
    "budget",
    "farmers",
    "storm",
    "railway",
    "strike",
    "museum",
    "verdict",
    "hospital",
    "teachers",
    "border",
    "treaty",
    "drought",
    "orchestra",
    "vaccine",
    "satellite",
    "pension",
    "fishery",
    "glacier",
    "parliament",
    "refinery",
    "airport",
    "ferry",
    "lantern",
    "orchard",
    "quarry",
    "tunnel",
    "meadow",
    "library",
    "chapel",
    "bakery",
    "mill",
    "dyke",
    "barn",
    "cellar",
    "tower",
    "pasture",
]
BLURB = (
    "The Harbour Gazette has reported from the islands since 1911 and belongs to its readers, who elect the board each spring; "
    "write to the desk if you saw what we did not."
)
PROMO = "Follow the Gazette on the wireless"
SITE = "https://www.gazette.example/"


def paragraph(seed: object) -> str:
    draw = random.Random(str(seed))
    return " ".join(draw.choices(WORDS, k=22)).capitalize() + f" in {draw.randrange(10**6)}."


def story(seed: object, paragraphs: int = 4) -> list[str]:
    return [paragraph((seed, n)) for n in range(paragraphs)]


def headline(seed: object) -> str:
    return " ".join(random.Random(f"head {seed}").choices(WORDS, k=6)).capitalize()


def page(seed: object, *below: str) -> str:
    return "\n".join([headline(seed), *story(seed), *below])


def block(texts: Iterable[str], url: str | None = SITE) -> Block:
    records = [{"id": str(n), "text": text, **({"url": f"{url}{n}"} if url else {})} for n, text in enumerate(texts)]
    return Block("dump.jsonl", lines=b"".join(json.dumps(record).encode() + b"\n" for record in records))


def counted(*blocks: Block) -> LineCounts:
    counts = LineCounts()
    for each in blocks:
        counts.add(count_block(each, FieldNames()))
    return counts


def learn(texts: Iterable[str], url: str | None = SITE) -> Profile:
    return counted(block(texts, url)).profile()


def removed(text: str, profile: Profile, url: str | None = SITE) -> list[str]:
    result = clean(Document(text, url=url), profile=profile)
    assert result.restore() == text
    return [removal.text for removal in result.removals if removal.cls == "repeated"]


def test_what_a_site_prints_below_every_story_goes() -> None:
    pages = [page(n, headline(-n), BLURB, PROMO) for n in range(1, 31)]
    profile = learn(pages)
    assert all(removed(text, profile) == [BLURB, PROMO] for text in pages)
    result = clean(Document(pages[0], url=SITE), profile=profile)
    assert {removal.rule for removal in result.removals} >= {"repeated/line"}
    assert all(line in result.text for line in story(1))


def test_another_site_is_another_matter() -> None:
    profile = learn(page(n, BLURB, PROMO) for n in range(30))
    assert removed(page(99, BLURB, PROMO), profile, "https://other.example/1") == []
    assert removed(page(99, BLURB, PROMO), profile, "https://gazette.example/1") == [BLURB, PROMO]  # www. or not


def test_spelling_makes_no_difference() -> None:
    profile = learn(page(n, BLURB) for n in range(30))
    assert removed(page(99, BLURB.upper()), profile) == [BLURB.upper()]


def test_a_story_that_many_carry_is_no_furniture() -> None:
    copies = ["\n".join([headline(n), *story("wire")]) for n in range(40)]
    others = [page(n) for n in range(40)]
    assert len(learn(copies + others, url=None)) == 0
    assert len(learn(copies + others)) == 0


def test_updates_of_a_story_do_not_make_its_sentences_furniture() -> None:
    versions = ["\n".join([headline("storm"), *story("storm", 4 + n)]) for n in range(20)]
    assert len(learn(versions + [page(n) for n in range(10)])) == 0


def test_a_site_of_few_documents_proves_nothing() -> None:
    assert len(learn(page(n, BLURB, PROMO) for n in range(4))) == 0


def test_background_in_the_story_stays() -> None:
    background = paragraph("background")
    pages = ["\n".join([headline(n), *story(n, 3), *[background] * (n % 4 == 0), *story(-n, 2)]) for n in range(1, 81)]
    profile = learn(pages)
    assert len(profile) == 1  # a quarter of all stories have it
    assert all(removed(text, profile) == [] for text in pages)
    assert removed("\n".join([headline(7), *story(7), background]), profile) == []  # nor as the last paragraph


def test_a_paragraph_inside_nearly_every_story_goes() -> None:
    pages = ["\n".join([headline(n), *story(n, 3), BLURB, *story(-n, 2)]) for n in range(1, 31)]
    profile = learn(pages)
    assert all(removed(text, profile) == [BLURB] for text in pages)


@pytest.mark.parametrize(
    ("line", "goes"),
    [
        ("With material of the island wireless", True),
        ("The police are looking for witnesses.", False),  # reads like a sentence of the story
    ],
)
def test_what_some_stories_end_in(line: str, goes: bool) -> None:
    pages = [page(n, *[line] * (n % 20 == 0)) for n in range(200)]
    assert removed(pages[0], learn(pages)) == [line] * goes


def test_a_headline_that_comes_again_stays() -> None:
    pages = ["\n".join(["Letters to the gazette" if n % 20 == 0 else headline(n), *story(n)]) for n in range(200)]
    profile = learn(pages)
    assert len(profile) == 1
    assert removed(pages[0], profile) == []


def test_numbers_and_rules_between_paragraphs_are_not_counted() -> None:
    assert len(learn(page(n, "* * *", "12", "10:30") for n in range(30))) == 0


def test_a_document_that_is_furniture_from_end_to_end_is_left_whole() -> None:
    profile = learn(page(n, BLURB, PROMO) for n in range(30))
    result = clean(Document(f"{BLURB}\n{PROMO}", url=SITE), profile=profile)
    assert result.text == f"{BLURB}\n{PROMO}"
    assert "guard:repeated" in result.flags


LINES = [BLURB, PROMO, "Ferries", "More from the islands", *story("a", 3), *story("b", 2), headline("c"), ""]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(LINES), max_size=12), min_size=1, max_size=8), st.booleans())
def test_cleaning_twice_is_cleaning_once(texts: list[list[str]], shape: bool) -> None:
    known = (90, BLURB), (30, PROMO), (8, "Ferries"), (15, paragraph("x"))
    profile = profile_of([SiteLines("gazette.example", 100, known)])
    once = clean_batch([Document("\n".join(text), url=SITE) for text in texts], shape=shape, profile=profile)
    again = clean_batch([Document(once.texts[i], url=SITE) for i in range(len(once))], shape=shape, profile=profile)
    for i in range(len(once)):
        assert again.texts[i] == once.texts[i]
        for removal in once.removals(i):
            assert removal.rule != "repeated/line" or removal.text in (BLURB, PROMO, "Ferries")


def test_counts_do_not_depend_on_how_the_input_is_cut() -> None:
    pages = [page(n % 25, BLURB, PROMO) for n in range(60)]
    whole = learn(pages)
    cut = counted(*(block(pages[n : n + 7]) for n in range(0, 60, 7))).profile()
    assert np.array_equal(whole.keys, cut.keys)
    assert np.array_equal(whole.shares, cut.shares)


def numbered(keys: list[int], stories: int) -> BlockLines:
    """A block of one story with these lines."""
    unlike = np.arange(1, 26, dtype=np.uint64)[None, :] * np.uint64(0x9E3779B97F4A7C15) + np.uint64(stories << 40)
    return BlockLines(["gazette.example"], unlike, np.array(keys, np.uint64), np.zeros(len(keys), np.int64), 0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sets(st.integers(0, 60), max_size=12), min_size=1, max_size=60))
def test_a_full_table_counts_too_low_but_never_too_high(stories: list[set[int]]) -> None:
    roomy, tight = LineCounts(), LineCounts(room=16)
    for n, keys in enumerate(stories):
        for counts in (roomy, tight):
            counts.add(numbered(sorted(keys), n))
            counts.profile()
    full, lossy = roomy.profile(), tight.profile()
    assert len(lossy) <= 16
    assert (full.share_of(lossy.keys) >= lossy.shares).all()


def test_small_samples_prove_little() -> None:
    shown, stories = np.array([5, 5, 50, 500]), np.array([5, 10, 100, 1000])
    shares = sure_share(shown, stories)
    assert (shares <= shown / stories).all()
    assert (np.diff(shares[1:]) > 0).all()


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\n"), max_size=30)


@given(
    st.lists(st.tuples(TEXT, st.integers(1, 9), st.lists(st.tuples(st.integers(1, 9), TEXT), max_size=4)), max_size=4)
)
def test_a_profile_reads_back(sites: list[tuple[str, int, list[tuple[int, str]]]]) -> None:
    given_sites = [SiteLines(host, stories + 9, tuple(lines)) for host, stories, lines in sites]
    assert parse_profile(write_profile(given_sites), "p.toml") == given_sites


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[[site]", "not a profile that can be read"),
        ("[[rule]]\nid = 'x'", "newsclean profile"),
        ("[[site]]\nstories = 3", "host"),
        ("[[site]]\nhost = 'a'\nstories = 'many'", "stories"),
        ("[[site]]\nhost = 'a'\nstories = 9\nlines = ['All rights reserved']", "[stories, 'line']"),
        ("[[site]]\nhost = 'a'\nstories = 9\nlines = [[10, 'All rights reserved']]", "more stories"),
        ("[[site]]\nhost = 'a'\nstories = 9\nlines = [[9, \"two\\nlines\"]]", "several lines"),
    ],
)
def test_what_is_no_profile_is_refused_by_name(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        load_profile(path)
    assert str(path) in str(raised.value)
    assert why in str(raised.value)


def test_lines_are_spelled_as_they_first_come() -> None:
    pages = [page(n, BLURB if n else BLURB.upper(), PROMO) for n in range(30)]
    counts = counted(block(pages))
    found, _ = spell_block(block(pages), FieldNames(), counts.profile())
    assert counts.spelled(found) == [SiteLines("gazette.example", 30, ((30, PROMO), (30, BLURB.upper())))]


def invoke(*args: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], input=stdin, catch_exceptions=False)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "news.jsonl"
    path.write_bytes(block(page(n, BLURB, PROMO) for n in range(30)).lines)
    return path


def repeated(output: str) -> list[set[str]]:
    records: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines()]
    return [{cut["rule"] for cut in record["removals"] if cut["class"] == "repeated"} for record in records]


def test_clean_with_a_profile_from_a_file_edited_or_of_the_input_itself(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    assert invoke("profile", dump, "-o", path).exit_code == 0
    by_file = invoke("clean", dump, "-q", "--profile", path).stdout
    assert repeated(by_file) == [{"repeated/line"}] * 30
    assert invoke("clean", "-", "-q", "-o", "-", "--profile", "auto", stdin=dump.read_bytes()).stdout == by_file
    assert BLURB not in by_file and PROMO not in by_file
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if PROMO not in line))
    by_edited = invoke("clean", dump, "-q", "--profile", path).stdout
    assert BLURB not in by_edited and PROMO in by_edited


def test_explain_with_a_profile(dump: Path) -> None:
    shown = invoke("explain", "3", "--from", dump, "--profile", "auto", "--only", "repeated").stdout
    assert shown.count("- repeated repeated/line") == 2
    refused = invoke("explain", "-", "--profile", "auto", stdin=dump.read_bytes())
    assert refused.exit_code == 2 and "give a file" in refused.stderr


def test_a_profile_that_is_not_there(dump: Path) -> None:
    result = invoke("clean", dump, "--profile", "nowhere.toml")
    assert result.exit_code == 2
    assert "nowhere.toml" in result.stderr


def test_run_takes_what_its_input_repeats_whatever_the_workers(dump: Path, tmp_path: Path) -> None:
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        assert invoke("run", dump, "-q", "-o", folder, "--workers", workers).exit_code == 0
    files = [(tmp_path / workers / "documents.jsonl").read_bytes() for workers in "12"]
    assert files[0] == files[1]
    assert PROMO.encode() not in files[0]
    told = json.loads((tmp_path / "1" / "run.json").read_bytes())
    assert told["removals"]["repeated"]["removals"] == 60
    assert told["settings"]["profile"] == "auto"


def test_run_leaves_what_repeats_when_asked_to(dump: Path, tmp_path: Path) -> None:
    assert invoke("run", dump, "-q", "-o", tmp_path / "out", "--profile", "off").exit_code == 0
    assert PROMO in (tmp_path / "out" / "documents.jsonl").read_text()


def test_of_a_long_input_every_fourth_document_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repetition, "_WHOLE", 1000)
    pages = list(block(page(n) for n in range(40)).lines.splitlines(keepends=True))
    short, long = (Block("n.jsonl", lines=b"".join(pages), read=read) for read in (1000, 1001))
    assert len(count_block(short, FieldNames(), sample=True).hosts) == 40
    assert len(count_block(long, FieldNames(), sample=True).hosts) == 10
    assert len(count_block(long, FieldNames()).hosts) == 40
