"""Article text as HTML: nothing of it is markup, nothing misleads the eye, nothing is too long."""

from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean import Document, clean, dedup, explain_pair
from newsclean.marked import Mark, lines_html, notebook_html, only_here, short, table_html, visible

ELEMENTS = {"p", "del", "ins", "mark", "span", "div", "style", "table", "thead", "tbody", "tr", "th", "td", "bdi"}
ATTRIBUTES = {"dir", "class", "tabindex", "title", "scope"}


class Page(HTMLParser):
    """What a browser would make of it: elements, attributes, text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@given(st.text(max_size=300), st.data())
def test_any_text_with_any_marks_is_only_text(text, data):
    edges = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    marks = [Mark(a, b, "tags", data.draw(st.text(max_size=20))) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    page = Page(lines_html(text, marks))
    assert page.tags <= ELEMENTS
    assert page.attributes <= ATTRIBUTES
    assert "".join(page.text) == "".join(visible(line) for line in _pieces(text, marks) if line.strip())


def _pieces(text, marks):
    """The text cut at marks and line ends: blank pieces are not shown."""
    cuts = sorted({0, len(text), *(edge for mark in marks for edge in mark[:2])})
    return [line for a, b in pairwise(cuts) for line in text[a:b].split("\n")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("</script><script>alert(1)</script>", "</script><script>alert(1)</script>"),
        ('"><img src=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>'),
        ("&lt;b&gt; &amp;", "&lt;b&gt; &amp;"),
        ("paid \u202e001\u202c euros", "paid ⟦U+202E⟧001⟦U+202C⟧ euros"),
        ("a\u2066b\u2069", "a⟦U+2066⟧b⟦U+2069⟧"),
        ("nul\0 and bell\x07", "nul⟦U+0000⟧ and bell⟦U+0007⟧"),
        ("half \ud83d of it", "half ⟦U+D83D⟧ of it"),
        ("hidden \U000e0041tag", "hidden ⟦U+E0041⟧tag"),
        ("می‌رود \u200fو", "می‌رود \u200fو"),  # joiners and plain direction marks belong to the script
    ],
)
def test_hostile_text_is_shown_as_what_it_is(text, shown):
    page = Page(lines_html(text))
    assert page.tags == {"p"}
    assert "".join(page.text) == shown


def test_every_line_has_its_own_direction():
    assert lines_html("english\n\nعربي").count('dir="auto"') == 2


@pytest.mark.parametrize("text", ["x" * 5_000_000, "word " * 1_000_000, "\n" * 5_000_000, "a\n" * 2_500_000, "<" * 5_000_000])
def test_a_text_of_5_mb_is_shown_in_a_few_kilobytes(text):
    for marks in ([], [Mark(10, len(text) - 10, "chrome", "r")], [Mark(n, n + 1, "chrome", "r") for n in range(0, 90_000, 2)]):
        made = lines_html(text, marks)
        assert len(made) < 100_000
        assert not text.strip() or "characters …" in made


def test_what_is_left_out_is_counted():
    assert "… 1,000 characters …" in lines_html("a" * 600 + "b" * 1000 + "c" * 600)


def test_a_name_that_is_too_long_is_cut_short():
    assert len(short("x" * 5_000_000)) < 400
    assert len(table_html(["a"], [["x" * 5_000_000]])) < 1000


def test_words_of_one_text_only_are_marked_however_they_are_spelled():
    text = "قال الوزير أمس إن الجسر سيفتح غدًا"
    assert only_here(text, "قال الوزير امس ان الجسر سيفتح غدا") == []
    (mark,) = only_here("The bridge opens on Monday at dawn", "The bridge opens on Friday at dawn")
    assert mark.tag == "mark"
    assert [m for m in only_here("東京の橋が開いた", "東京の橋が閉じた") if m.start < 5] == []


# ---- notebooks ----

HOSTILE = "</style></div><script>alert(1)</script>"
NEWS = (
    f"Old market to close {HOSTILE}\nThe council voted on Monday to close the old fish market by the end of the year, and "
    f"traders said that they had not been asked.\nTags: harbour, {HOSTILE}"
)


def test_results_show_themselves_in_notebooks():
    result = clean(NEWS)
    a, b = Document(result.text, id=HOSTILE, source=HOSTILE), Document("(HP) " + result.text, id="b")
    (cluster,) = dedup([a, b])
    for shown in (result, cluster, explain_pair(a, b), explain_pair(Document(""), Document(""))):
        page = Page(shown._repr_html_())
        assert page.tags <= ELEMENTS
    page = Page(result._repr_html_())
    assert "del" in page.tags
    assert "Tags: harbour, " + HOSTILE in page.text, "a removal stands where it stood"
    assert "mark" in Page(explain_pair(a, b)._repr_html_()).tags


def test_a_notebook_is_not_flooded():
    assert len(clean("x" * 5_000_000)._repr_html_()) < 100_000
    assert len(dedup([Document("y" * 5_000_000, id="i" * 1_000_000)])[0]._repr_html_()) < 100_000
    assert notebook_html("<p>x</p>").startswith('<div class="newsclean"><style>')
