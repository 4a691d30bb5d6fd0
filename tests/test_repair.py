"""What ftfy may mend, and the style of news that it must leave alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean.kernels.suspects import suspects
from newsclean.text import Repair, TextColumn, given_offsets, repair

MENDED = [
    ("CafÃ© in KÃ¶ln", "Café in Köln"),
    ("the bankâ€™s offer", "the bank’s offer"),
    ("Ø§Ù„Ø£Ù…Ù… Ø§Ù„Ù…ØªØ­Ø¯Ø©", "الأمم المتحدة"),
    ("profit &amp; loss &#8211; a study", "profit & loss – a study"),
    ("a\x00b\x07c", "abc"),
    ("\ufeffThe harbour", "The harbour"),
    ("lone \ud800 surrogate", "lone \ufffd surrogate"),
]
LEFT_ALONE = [
    "“Curly quotes”, he said, ‘as we print them’ – always…",
    "ﬁnancial ﬂows in the ligatures of a PDF",
    "全角　１２３，ＡＢＣ！",
    "e\u0301te\u0301 in decomposed letters",
    "قال «المصدر» إنّ الأمرَ قيدُ البحث…",
    "AT&T and R&D; Q&A",
    "Â is a letter; Ångström, Übersee, São Paulo, FÃO",
    "line one\r\nline two\u2028still two",
    "می‌رود",
]


@pytest.mark.parametrize(("broken", "whole"), MENDED)
def test_mends(broken, whole):
    text, repairs = repair(broken)
    assert text == whole
    assert repairs == (Repair(0, len(whole), broken),)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_leaves_alone(text):
    assert repair(text) == (text, ())


def test_a_repair_never_changes_the_lines():
    text, repairs = repair("one &#10; two\nthree\nfour &amp; five")
    assert text.split("\n") == ["one   two", "three", "four & five"]
    assert [text[r.start : r.end] for r in repairs] == ["one   two", "four & five"]


PLACES = [  # the text as given, a piece of the mended text, and where that stood
    ("Tom &amp; Jerry\nRead also", "Read also", "Read also"),
    ("Tom &amp; Jerry\nRead also", "Tom & Jerry", "Tom &amp; Jerry"),
    ("the bankâ€™s offer (HP)\nShare", "(HP)", "(HP)"),
    ("(HP) the bankâ€™s offer\nShare", "(HP) ", "(HP) "),
    ("the bankâ€™s offer (HP) was &lt;low&gt;\nShare", "(HP)", "(HP)"),
    ("\ufeffTitle\nCafÃ©\n\ufeff\nShare", "Share", "Share"),
    ("\ufeffTitle\nShare", "Title", "Title"),
]


@pytest.mark.parametrize(("text", "piece", "stood"), PLACES)
def test_a_place_in_the_mended_text_is_found_in_the_given_one(text, piece, stood):
    mended, repairs = repair(text)
    at = mended.index(piece)
    start, end = given_offsets(mended, repairs, [at, at + len(piece)])
    assert text[start:end] == stood


_NEWS = st.text(st.sampled_from("aÃâØÂ€™©§&#;amp \n\x00\x85éÅ…م\ufeff"), max_size=40)


@given(_NEWS)
def test_the_column_test_finds_whatever_repair_would_change(text):
    column = TextColumn.from_texts([text])
    found = np.zeros(1, np.bool_)
    suspects(column.data, column.offsets, found)
    if repair(text)[1]:
        assert found[0]


@given(_NEWS)
def test_given_offsets_keep_order_and_lines(text):
    mended, repairs = repair(text)
    found = given_offsets(mended, repairs, range(len(mended) + 1))
    assert found == sorted(found)
    assert [text[at] for at, char in zip(found, mended, strict=False) if char == "\n"] == ["\n"] * mended.count("\n")
    assert found[-1] == len(text) or not mended.rpartition("\n")[2]
