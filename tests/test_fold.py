"""Which spellings are the same word, and which are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean.fold import SEPARATOR, SKIP, fold, fold_table

SAME = [
    ("إقرأ أيضاً:", "اقرا ايضا"),
    ("المـــصدر", "المصدر"),
    ("الْقَاهِرَة", "القاهره"),
    ("می‌گوید", "ميگويد"),
    ("خبرگزاري", "خبرگزاری"),
    ("۱۴۰۳/۰۹/۱۵", "1403/09/15"),
    ("١٢٣", "१२३"),
    ("یہ بھی", "يه بهي"),
    ("LİRE", "lire"),
    ("ｒｅｕｔｅｒｓ", "Reuters"),
    ("À LIRE", "a lire"),
    ("Ёлка", "елка"),
    ("שָׁלוֹם", "שלום"),
    ("don\u2019t", "don't"),
    ("\u200fالمصدر\u200e", "المصدر"),
    ("\ufe8e\ufe77\ufe97", "ات"),  # a haraka in its presentation form, as PDFs have it
]
DIFFERENT = [
    ("كان", "كأنك"),
    ("میشود", "می شود"),
    ("हिंदी", "हंदी"),  # a vowel sign is part of the word
    ("कर्म", "करम"),  # and so is a virama
    ("ไม้", "ไม"),
    ("คำ", "คา"),  # sara am is a vowel of its own
    ("ຄຳ", "ຄາ"),
    ("が", "か"),
    ("한", "하"),
    ("中国", "中园"),
    ("2024", "2025"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_word_are_equal(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_words_stay_different(one, other):
    assert fold(one) != fold(other)


def test_a_vowel_that_unicode_takes_apart_does_not_part_a_word():
    assert fold("น้ำท่วม") == "น้ำท่วม"
    assert fold("ນ້ຳຖ້ວມ") == "ນ້ຳຖ້ວມ"


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_words_fold_on_their_own(one, other):
    assert fold(f"{one}\n{other}").split() == fold(one).split() + fold(other).split()


def test_the_table_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        fold_table()[65] = SKIP
    assert fold_table()[ord(".")] == SEPARATOR
