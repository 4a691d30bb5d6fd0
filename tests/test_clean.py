"""Cleaning: what each kind of rule takes, what it leaves, and the laws that hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean.cleaning import clean, clean_batch
from newsclean.text import Document

STORY = (
    "The harbour council voted on Monday to close the old fish market by the end of the year, officials said.",
    "Traders who have worked on the quay for thirty years said they had not been asked and would go to court.",
    "The market will move to a hall near the railway station, which the city bought for two million crowns.",
    "A first reading of the plan is due in March, and the council expects to vote on it before the summer.",
    "Opponents want a referendum instead, and say they have gathered half of the signatures that they need.",
    "The mayor said that she would not stand in the way of one, but that time was running out for the quay.",
    "The last auction in the old market is to be held on the final Friday of the year, at five in the morning.",
    "Visitors are asked to come on foot, since the streets around the quay will be closed to cars all day.",
)
SECOND = (
    "Rain floods the northern valley",
    "Heavy rain flooded the northern valley on Sunday night and cut off three villages, the fire brigade said on Monday morning, "
    "and more rain is expected until the end of the week in all of the north.",
    "Nobody was hurt, but forty families spent the night in a school, where volunteers served soup and handed out "
    "blankets that had been collected in the town after the floods of last year.",
)
PACK = r"""
[[rule]]
id = "read-also"
class = "related"
label = ["Read also"]
action = "block"
follow = "story"
[[rule]]
id = "source"
class = "source"
label = ["Source:"]
[[rule]]
id = "tags"
class = "tags"
label = ["Tags"]
action = "block"
follow = "tags"
[[rule]]
id = "share"
class = "share"
line = ["Share", "Copy link"]
[[rule]]
id = "sign-off"
class = "source"
ending = ["/ Harbour Press", "(HP)"]
action = "suffix"
[[rule]]
id = "dateline"
class = "dateline"
pattern = ['[A-Z]{3,20}, HARBOUR PRESS\s*-']
near = ["Harbour Press"]
action = "prefix"
[[rule]]
id = "latest"
class = "chrome"
line = ["Latest news"]
action = "cut"
zone = "tail"
[[rule]]
id = "views"
class = "chrome"
pattern = ['\d+ views']
max = 20
digits = 1
[[rule]]
id = "credit"
class = "byline"
label = ["Reporting by"]
action = "field"
[[rule]]
id = "poem"
class = "chrome"
label = ["Share the bread"]
action = "protect"
[[rule]]
id = "double"
class = "repeated"
detect = "repeated-line"
zone = "head"
[[rule]]
id = "ticker"
class = "ticker"
detect = "headline-run"
zone = "head"
[[rule]]
id = "date"
class = "date"
detect = "date-line"
zone = ["head", "tail"]
"""


@pytest.fixture(scope="session")
def book(make_book):
    english = '[language]\nwords = ["the", "of", "and", "in", "to"]\ndates = ["March", "Monday", "pm"]\n'
    return make_book({"base": PACK, "lang/en": english})


def lines(*text):
    return "\n".join(text)


def taken(text, book, **options):
    return [(r.rule.partition(":")[2], r.cls, r.text) for r in clean(text, book, **options).removals]


TITLE = "Old fish market to close"
TICKER = "    ".join(
    ["Snow closes the pass", "Ministers meet in the capital", "Ferry strike enters third week", "Goal of the year"]
)

# name, the document, what must go
GOES = [
    ("a label with a title on its line", lines(TITLE, *STORY[:4], "Read also: Rain floods the valley", *STORY[4:]), ["Read also: Rain floods the valley"]),
    ("a marker alone, last", lines(TITLE, *STORY, "Read also:"), ["Read also:"]),
    ("a marker with titles, then the story goes on", lines(*STORY[:3], "READ ALSO", "Rain floods the valley", "Goal of the year", *STORY[3:]), ["READ ALSO", "Rain floods the valley", "Goal of the year"]),
    ("a marker with a list to the end", lines(*STORY, "Read also", *(f"Headline number {n} of the list" for n in "abcdefgh")), ["Read also", *(f"Headline number {n} of the list" for n in "abcdefgh")]),
    ("a title, but not the line that leads on", lines(*STORY[:4], "Read also", "Goal of the year", "The mayor said:", *STORY[4:]), ["Read also", "Goal of the year"]),
    ("a title, but not the heading with a bullet", lines(*STORY[:4], "Read also", "Goal of the year", "* What the mayor wants", *STORY[4:]), ["Read also", "Goal of the year"]),
    ("bulleted titles with their dates, not the heading", lines(*STORY[:4], "Read also", "• Goal of the year", "4 March, 10:30", "• Rain floods the valley", "What the mayor wants", *STORY[4:]), ["Read also", "• Goal of the year", "4 March, 10:30", "• Rain floods the valley"]),
    ("a marker at the head, whatever was above it", lines("Source: HP", "Read also", "Goal of the year", *STORY), ["Source: HP", "Read also", "Goal of the year"]),
    ("a marker in the middle of prose", lines(*STORY[:4], "Read also", *STORY[4:]), ["Read also"]),
    ("tags one a line", lines(*STORY, "Tags", "harbour", "fish market", "courts"), ["Tags", "harbour", "fish market", "courts"]),
    ("tags, ended by another rule's line", lines(*STORY, "Tags", "harbour", "Share"), ["Tags", "harbour", "Share"]),
    ("a sign-off after the last sentence", lines(*STORY[:7], STORY[7] + " / Harbour Press"), ["/ Harbour Press"]),
    ("a sign-off in brackets", lines(*STORY[:7], STORY[7] + " (HP)"), ["(HP)"]),
    ("a dateline before the first sentence", lines(TITLE, "VELMORA, HARBOUR PRESS - " + STORY[0], *STORY[1:]), ["VELMORA, HARBOUR PRESS - "]),
    ("everything after a tail marker", lines(*STORY, "Latest news", *SECOND), ["Latest news", *SECOND]),
    ("a line by its shape", lines(TITLE, "1204 views", *STORY), ["1204 views"]),
    ("a doubled title", lines(TITLE, "", TITLE, *STORY), [TITLE]),
    ("a ticker above the title", lines(TICKER, "", TITLE, *STORY), [TICKER]),
    ("a date line", lines(TITLE, "Monday, 4 March 2024 - 5:30 pm", *STORY), ["Monday, 4 March 2024 - 5:30 pm"]),
    ("two sign-offs, one behind the other", lines(*STORY[:7], STORY[7] + " (HP) / Harbour Press"), ["(HP)", "/ Harbour Press"]),
]  # fmt: skip
# name, a document that must stay whole
STAYS = [
    ("plain prose", lines(TITLE, *STORY)),
    ("a label that begins a sentence", lines(*STORY[:4], "Read also his new book, the minister told the crowd on the quay.", *STORY[4:])),
    ("a label inside a sentence", lines(*STORY[:4], "He asked them to read also the last page, and they did so at once.", *STORY[4:])),
    ("a demanded colon that is not there", lines(*STORY, "Source of the river")),
    ("a demanded bracket that is not there", lines(*STORY[:7], "They drive a car made by HP")),
    ("a whole-line phrase with more behind it", lines(*STORY, "Share prices fall")),
    ("a protected line", lines(*STORY, "Share the bread")),
    ("a tail marker above the story", lines("Latest news", TITLE, *STORY)),
    ("a phrase inside longer words", lines(*STORY, "Shareholders", "Tagsüber")),
    ("the last word of a wrapped sentence", lines(*STORY, "and asked the council to give every trader on the quay a", "share.")),
    ("the last date of a wrapped sentence", lines(*STORY, "The market was opened by the mayor of the city on", "4 March 1992.")),
    ("a telephone number", lines(*STORY, "02-751-1500")),
    ("a row of scores", lines(*STORY, "1-3, 2-41, 3-44")),
    ("a timetable", lines(TITLE, *STORY, *(f"Monday, {n} March 2024" for n in range(4, 29, 4)))),
    ("a date inside a sentence", lines(TITLE, "On Monday, 4 March 2024, the market closed for good.", *STORY)),
    ("two figures that are no date", lines(TITLE, "3 - 2", *STORY)),
    ("a doubled line far below", lines(*STORY, "They left the quay", "and they came again", "They left the quay")),
    ("a paragraph without a full stop, below the first", lines(STORY[0], " ".join(line.strip(".").replace(",", "") for line in STORY), TITLE, *STORY[1:])),
    ("a long first paragraph", lines(" ".join(STORY), TITLE, *STORY[2:])),
    ("a field that is read and left", lines(TITLE, *STORY, "Reporting by Ada Kern")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "gone"), [case[1:] for case in GOES], ids=[case[0] for case in GOES])
def test_goes(book, text, gone):
    assert [text for _, _, text in taken(text, book)] == gone


@pytest.mark.parametrize("text", [case[1] for case in STAYS], ids=[case[0] for case in STAYS])
def test_stays(book, text):
    result = clean(text, book)
    assert (result.text, result.removals) == (text, ())


def test_an_appended_story_goes_only_after_the_story_was_closed(book):
    closed = lines(TITLE, *STORY, "Source: Harbour Press", "Read also:", *SECOND)
    assert [cls for _, cls, _ in taken(closed, book)] == ["source", "related", "appended", "appended", "appended"]
    open_ended = lines(TITLE, *STORY, "Read also:", *SECOND)
    assert [text for _, _, text in taken(open_ended, book)] == ["Read also:", SECOND[0]]


def test_an_appended_story_can_become_a_document_of_its_own(book):
    text = lines(TITLE, *STORY, "Source: Harbour Press", "Read also:", *SECOND, "Source: Valley Post")
    result = clean(Document(text, id="7", language="en"), book, appended="split")
    assert result.text == lines(TITLE, *STORY)
    (story,) = result.appended
    assert (story.id, story.language) == ("7#2", "en")
    assert clean(story, book).text == lines(*SECOND)
    assert clean(text, book).appended == ()
    with pytest.raises(ValueError, match="'drop' or 'split'"):
        clean(text, book, appended="keep")


def test_the_guard_keeps_a_document_that_would_be_gutted(book):
    tags = [f"word{n} other{n}" for n in range(15)]
    result = clean(lines("Harbour", "Tags", *tags), book)
    assert "guard:tags" in result.flags
    assert result.removals == ()


MENU = ("Home", "News", "Sport", "Culture", "Weather", "Sign in", "Menu", "Search")
FOOT = (*(f"Another headline, number {n}" for n in range(20)), "Contact", "Imprint", "Terms of use", "Jobs")
PAGE = lines(*MENU, TITLE, *STORY, *FOOT)


def test_a_page_without_a_story_is_flagged_and_left_alone(book):
    result = clean(lines(*MENU, TITLE, *FOOT), book)
    assert (result.flags, result.removals) == (("not-article",), ())


NO_STORY = [
    "Page not found\nThe page you are looking for has been moved, or it has never been there, which we regret very much indeed.",
    "Home\nNews\n404\nBack to the home page",
    "الصفحة غير موجودة",
    "We value your privacy\nWe and our 312 partners store and access information on a device, such as cookies, and process it.\nAccept",
]
A_STORY = [
    lines("Page not found", *STORY[:1]),
    lines("We value your privacy", TITLE, *STORY[:2]),
    lines(*STORY[:3], "We use cookies on this site. By clicking accept you agree to this and to all that is written elsewhere."),
    TITLE,
    "",
]


@pytest.mark.parametrize("text", NO_STORY)
def test_error_pages_and_cookie_walls_are_flagged_and_left_alone(text):
    result = clean(text)
    assert (result.flags, result.text) == (("not-article",), text)


@pytest.mark.parametrize("text", A_STORY)
def test_a_paragraph_of_a_story_is_enough_not_to_be_flagged(text):
    assert "not-article" not in clean(text).flags


def test_the_story_of_a_page_is_found_by_its_shape(book):
    result = clean(PAGE, book)
    assert result.text == lines(TITLE, *STORY)
    assert {r.rule for r in result.removals} == {"shape/before", "shape/after"}
    assert clean(PAGE, book, shape=False).text == PAGE


def test_the_guard_never_empties_a_document(book):
    result = clean(lines("Share", "Copy link"), book)
    assert (result.text, result.flags) == (lines("Share", "Copy link"), ("guard:all",))


def test_a_field_is_read_whether_its_line_goes_or_stays(book):
    result = clean(
        lines(TITLE, "Monday, 4 March 2024 - 5:30 pm", *STORY, "Source: Harbour Press", "Reporting by Ada Kern"), book
    )
    assert result.text.endswith("Reporting by Ada Kern")
    assert result.fields["published"] == "2024-03-04T17:30"
    assert result.fields["sources"] == ["Harbour Press"]
    assert result.fields["byline"] == "Ada Kern"


def test_blank_lines_and_trailing_blanks_are_tidied_and_nothing_else(book):
    given = f"\n\n  {TITLE}  \n\n\n \n{STORY[0]}\u3000\r\n{STORY[1]}\n\n"
    result = clean(given, book)
    assert result.text == f"  {TITLE}\n\n{STORY[0]}\n{STORY[1]}"
    assert result.removals == ()
    assert result.restore() == given


def test_offsets_are_code_points_of_the_text_that_was_cleaned(book):
    text = lines("😀 " + TITLE, "مرحبا بكم في الميناء القديم", "Share", *STORY)
    (removal,) = clean(text, book).removals
    assert text[removal.start : removal.end] == removal.text == "Share"


def test_a_repaired_text_is_restored_as_it_was_given(book):
    given = lines(
        TITLE, "Tom &amp; Jerryâ€™s quay is to close, the council said on Monday after a long debate.", "Share", *STORY
    )
    result = clean(given, book)
    assert "Tom & Jerry’s quay" in result.text
    assert result.flags == ("repaired",)
    assert result.restore() == given


def test_the_records_of_a_repaired_text_fit_the_text_that_was_given(book):
    given = lines(TITLE, "Tom &amp; Jerryâ€™s quay is to close, the council said.", "Share", *STORY[:3], "Source: CafÃ© Press")
    batch = clean_batch([Document(given)], book)
    assert [given[r["start"] : r["end"]] for r in batch.removal_records(0)] == ["Share", "Source: CafÃ© Press"]
    assert [removal.text for removal in batch.removals_as_given(0)] == ["Share", "Source: CafÃ© Press"]
    assert [removal.text for removal in batch.removals(0)] == ["Share", "Source: Café Press"]


def test_a_runaway_pattern_is_cut_off_and_named(make_book):
    nested = "[[rule]]\nid = 'slow'\nclass = 'id'\npattern = ['start (?:(?:on|\\d+)\\s*){1,16}']\nnear = ['start']\n"
    slow = make_book({"base": nested})
    assert taken(lines(STORY[0], "start 12 on 34"), slow) == [("slow", "id", "start 12 on 34")]
    hostile = lines(STORY[0], "start " + "1" * 60 + "-", STORY[1])
    assert clean(hostile, slow).flags == ("slow:base:slow",)
    assert clean(hostile, slow).text == hostile


def test_a_batch_gives_what_single_calls_give(book):
    documents = (
        [Document(case[1]) for case in GOES] + [Document(case[1]) for case in STAYS] + [Document(""), Document("\n \n")]
    )
    assert list(clean_batch(documents, book)) == [clean(document, book) for document in documents]
    assert len(clean_batch([], book)) == 0


# Documents put together from story, furniture and oddities: whatever comes out, the laws hold.
PIECES = [
    *STORY[:4], *SECOND, TITLE, "Share", "Copy link", "Tags", "Tags: a, b", "harbour", "Read also", "Read also: Goal of the year",
    "Source: Harbour Press", "Latest news", "12 views", STORY[4] + " (HP)", "VELMORA, HARBOUR PRESS - " + STORY[5], "", "  ", "\t",
    PAGE, "Home", "Sign in", "Contact", "Another headline, number 7",
    "Monday, 4 March 2024", "5 March 2024", "March 6, 2024, 5 pm", "Tags: 4 March 2024", "Reporting by Ada Kern", TICKER, "Tom &amp; Jerry", "caf\u00c3\u00a9", "\ufeff", "😀", "«»", "ِ", "(HP)", " / Harbour Press",
]  # fmt: skip
DOCUMENTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=25).map("\n".join)


@given(DOCUMENTS)
def test_restore_gives_back_the_text(book, text):  # as it was given, repairs undone
    assert clean(text, book).restore() == text


@given(DOCUMENTS)
def test_cleaning_twice_is_cleaning_once(book, text):
    once = clean(text, book)
    again = clean(once.text, book)
    assert (again.text, again.removals) == (once.text, ())


@given(DOCUMENTS)
def test_removals_are_disjoint_ordered_and_true(book, text):
    result = clean(text, book)
    mended = text if not result.repairs else None
    end = 0
    for removal in result.removals:
        assert end <= removal.start < removal.end
        end = removal.end
        assert mended is None or mended[removal.start : removal.end] == removal.text


@given(st.lists(DOCUMENTS, max_size=4), st.randoms())
def test_neighbours_in_a_batch_change_nothing(book, texts, random):
    order = list(range(len(texts)))
    random.shuffle(order)
    shuffled = clean_batch([Document(texts[i]) for i in order], book)
    straight = clean_batch([Document(text) for text in texts], book)
    assert [shuffled[order.index(i)] for i in range(len(texts))] == list(straight)
