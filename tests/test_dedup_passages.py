"""What two texts share, as offsets: passages and paragraphs, by name and by law."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean.dedup.passages import passages
from newsclean.dedup.settings import DedupSettings
from newsclean.text import Span, TextColumn
from test_dedup_match import ARABIC, CHINESE, PRINT, broken, prose

SETTINGS = DedupSettings()


def cuts(text: str, spans: list[Span]) -> list[str]:
    return [text[start:end] for start, end in spans]


def found(one: str, other: str):  # type: ignore[no-untyped-def]
    return passages(TextColumn.from_texts([one, other]), SETTINGS)


@pytest.mark.parametrize("lead", ["", "— «Ведущий» 🎈 — "])
def test_a_longer_version_tells_its_extra_paragraphs(lead: str) -> None:
    first, second, third = (" ".join(prose(seed, 20)) + "." for seed in (1, 2, 3))
    one, other = f"{first}\n\n{third}", f"{lead}{first}\n\n{second}\n{third}"
    told = found(one, other)
    assert told.paragraphs == 2
    assert cuts(one, told.shared[0]) == [one]
    assert cuts(other, told.shared[1]) == [first, third]
    assert (told.extra[0], cuts(other, told.extra[1])) == ([], [second])


def test_nothing_shared() -> None:
    one, other = " ".join(prose(1, 20)), " ".join(prose(2, 20))
    told = found(one, other)
    assert (told.paragraphs, told.shared) == (0, ([], []))
    assert told.extra == ([Span(0, len(one))], [Span(0, len(other))])
    assert found("", "…").extra == ([], [])


def test_arabic_and_chinese_count_in_code_points() -> None:
    for text in (ARABIC, CHINESE):
        told = found(text, "2024 " + text)
        assert cuts(text, told.shared[0]) == [text]
        assert cuts("2024 " + text, told.shared[1]) == [text]


def test_old_prints_are_compared_by_characters() -> None:
    one, other = broken(PRINT, 5), broken(PRINT, 7)
    assert cuts(one, found(one, other).shared[0]) == [one]


@given(st.lists(st.sampled_from(["one", "Two", "three.", "«four»", "٥", "六七八九", "\n", "é"]), max_size=40), st.randoms())
@settings(deadline=None)
def test_spans_are_in_order_inside_the_text_and_without_blanks_around(words: list[str], draw) -> None:  # type: ignore[no-untyped-def]
    moved = [*words]
    draw.shuffle(moved)
    texts = " ".join(words), " ".join(moved)
    told = found(*texts)
    for text, spans in [*zip(texts, told.shared, strict=True), *zip(texts, told.extra, strict=True)]:
        flat = [place for span in spans for place in span]
        assert flat == sorted(flat)
        assert all(cut == cut.strip() != "" for cut in cuts(text, spans))
