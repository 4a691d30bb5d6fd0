"""The page scorer: pages lose their furniture, text that is clean loses nothing, and deciding twice is deciding once."""

import json
from importlib import resources

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsclean.cleaning import line_table
from newsclean.fold import fold, fold_table
from newsclean.kernels.context import WIDTH, line_words
from newsclean.kernels.features import COLUMNS
from newsclean.kernels.shape import DEPTH
from newsclean.kernels.words import probe
from newsclean.lines import punctuation_table
from newsclean.rules.model import CLASSES
from newsclean.shape import RULES, Weights, find_story, full_trees, load_weights, vocabulary
from newsclean.text import TextColumn

MENU = """Home
World
Business
Sport
Culture
Weather
Sign in
Newsletters
Jobs
Contact""".splitlines()

STORY = """Harbour ferry returns after a winter of repairs
The ferry between the old harbour and the island went back into service on Monday, four months after a storm tore \
away its landing stage and left two hundred islanders without a direct way to school and work.
The council said that the repairs had cost 3.2 million crowns, a third more than planned, because divers found that the \
piles under the quay had rotted through. "We could not put a new stage on old legs," said the harbour master, Ida Brandt.
Islanders who had spent the winter on a detour of ninety minutes met the first crossing with flags and coffee. A baker \
handed out buns on the upper deck until they ran out shortly after eight o'clock.
The timetable stays as it was before the storm, with a crossing every forty minutes from six in the morning until eleven \
at night. A return ticket costs 38 crowns, and children travel free until the end of May.
The council wants to decide before the summer whether a second landing stage should be built on the north side of the \
island, where the water is deeper and the ice is said to be thinner in most years.""".splitlines()

FOOTER = """Most read
Bridge toll rises again in spring
Teachers call off strike
Seals counted on the northern skerries
Old cinema to become a library
Top of page
About us
Advertise
Cookies
Terms of use
Privacy
Archive
Facebook
RSS""".splitlines()


def gone(text: str) -> tuple[list[str], list[str], bool]:
    """The lines that stay, the rules of those that go, and whether the page holds no story."""
    texts, lines = line_table(TextColumn.from_texts([text]))
    shape = find_story(texts, lines, np.full(len(lines.table), -1))
    every = text.split("\n")
    kept = [line for line, region in zip(every, shape.region, strict=True) if not region]
    return kept, [RULES[region] for region in shape.region.tolist() if region], bool(shape.no_story[0])


def test_a_page_is_reduced_to_its_story():
    kept, rules, no_story = gone("\n".join(MENU + STORY + FOOTER))
    assert kept == STORY
    assert rules == ["shape/before"] * len(MENU) + ["shape/after"] * len(FOOTER)
    assert not no_story


@pytest.mark.parametrize("text", ["", "\n\n", "One line", "\n".join(STORY), "\n".join(STORY[1:3]), "\n".join(MENU[:4] + STORY)])
def test_text_that_is_no_page_is_left_alone(text):
    kept, rules, no_story = gone(text)
    assert kept == text.split("\n") and rules == [] and not no_story


def test_a_page_without_a_story_is_told_and_left_alone():
    text = "\n".join(MENU + FOOTER + MENU)
    kept, rules, no_story = gone(text)
    assert no_story and rules == [] and kept == text.split("\n")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(MENU + STORY + FOOTER + ["", "12:30", "Reply", "© 2024", "- " * 40]), max_size=80))
def test_deciding_on_what_is_left_removes_nothing(lines):
    kept, _, _ = gone("\n".join(lines))
    again, rules, _ = gone("\n".join(kept))
    assert again == kept and rules == []


def test_lines_that_rules_removed_do_not_count():
    texts, lines = line_table(TextColumn.from_texts(["\n".join(MENU + STORY + FOOTER)]))
    removed = np.full(len(lines.table), CLASSES.index("chrome"))
    removed[len(MENU) : len(MENU) + len(STORY)] = -1
    assert not find_story(texts, lines, removed).region.any()


def test_what_rules_took_is_told_in_the_first_round_only():
    text = "\n".join([*MENU, *STORY, "Comments", *FOOTER])
    texts, lines = line_table(TextColumn.from_texts([text]))
    removed = np.full(len(lines.table), -1)
    removed[len(MENU) + len(STORY)] = CLASSES.index("comment")
    stay = (find_story(texts, lines, removed).region == 0) & (removed < 0)
    kept = [line for line, stays in zip(text.split("\n"), stay, strict=True) if stays]
    assert len(kept) < len(lines.table) and gone("\n".join(kept))[0] == kept


def test_documents_do_not_depend_on_their_batch():
    pages = ["\n".join(MENU + STORY + FOOTER), "\n".join(STORY), "\n".join(FOOTER + STORY + MENU)]
    alone = [gone(page) for page in pages]
    texts, lines = line_table(TextColumn.from_texts(pages))
    together = find_story(texts, lines, np.full(len(lines.table), -1)).region
    for n, (page, (kept, _, _)) in enumerate(zip(pages, alone, strict=True)):
        regions = together[lines.first[n] : lines.first[n + 1]]
        assert [line for line, region in zip(page.split("\n"), regions, strict=True) if not region] == kept


def test_weights_of_other_columns_are_refused():
    with pytest.raises(ValueError, match="other columns"):
        Weights.from_json('{"columns": [], "page_columns": [], "gate": [], "first": {}, "last": {}, "words": {}}')


@pytest.mark.parametrize(("trees", "width"), [("first", len(COLUMNS)), ("last", WIDTH)])
def test_trees_read_the_columns_that_are_measured(trees, width):
    columns, bounds, leaves = getattr(load_weights(), trees)
    assert columns.max() < width and columns.shape == bounds.shape == (len(leaves), 2**DEPTH - 1)
    assert np.isfinite(leaves).all() and leaves.shape[1] == 2**DEPTH


def test_words_are_found_as_lines_spell_them():
    keys, places, weights = vocabulary({"ferry": -1.0, "渡輪": 2.0, "цена": 0.5})
    texts, lines = line_table(TextColumn.from_texts(["Ferry!\n渡輪\nЦена, ferries\n— —"]))
    hashes, first = np.empty(100, np.uint64), np.zeros(5, np.int64)
    line_words(texts.data, fold_table(), punctuation_table(), lines.table, hashes, first)
    found = [[probe(keys, places, key) for key in hashes[first[n] : first[n + 1]]] for n in range(4)]
    assert found == [[0], [1], [2, -1], []] and weights.tolist() == [-1.0, 2.0, 0.5]


def test_the_words_of_the_vocabulary_are_folded():
    record = json.loads(resources.files("newsclean").joinpath("shape_weights.json").read_text(encoding="utf-8"))
    assert all(fold(word) == word for word in record["words"])


def test_a_leaf_higher_up_is_repeated_below():
    columns, bounds, leaves = full_trees(column=[3, -1, -1], bound=[0.5, -1.0, 2.0], right=[2, 0, 0], root=[0])
    half = 2**DEPTH // 2
    assert (leaves[0, :half] == -1).all() and (leaves[0, half:] == 2).all()
    assert columns[0, 0] == 3 and bounds[0, 0] == 0.5 and np.isinf(bounds[0, 1:]).all()
