"""What ftfy may mend, and the style of news that it must leave alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean.kernels.suspects import suspects
from newsclean.text import Repair, TextColumn, repair

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


_NEWS = st.text(st.sampled_from("aÃâØÂ€™©§&#;amp \n\x00\x85éÅ…م\ufeff"), max_size=40)


@given(_NEWS)
def test_the_column_test_finds_whatever_repair_would_change(text):
    column = TextColumn.from_texts([text])
    found = np.zeros(1, np.bool_)
    suspects(column.data, column.offsets, found)
    if repair(text)[1]:
        assert found[0]
