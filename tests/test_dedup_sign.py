"""Signatures: datasketch's own values, whatever the text; and what counts as one word."""

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures, sign, token_table
from newsclean.kernels import minhash
from newsclean.text import TextColumn

SETTINGS = DedupSettings()


def shingles(text: str) -> list[int]:
    column = TextColumn.from_texts([text])
    room = len(column.data) + 1
    hashes, kinds, out = np.empty(room, np.uint32), np.empty(room, np.uint32), np.empty(room, np.uint32)
    count, _ = minhash.tokens(column.data, 0, len(column.data), token_table(), False, hashes, kinds)
    return out[: minhash.shingles(hashes, kinds, count, out)].tolist()


def signature(*texts: str) -> Signatures:
    return sign(TextColumn.from_texts(texts), SETTINGS)


@settings(deadline=None)  # the first call compiles
@given(st.text(max_size=400))
def test_the_values_are_those_of_datasketch(text: str) -> None:
    theirs = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda value: value)
    theirs.update_batch(shingles(text))
    ours = signature(text).full[0]
    assert ours.tolist() == theirs.hashvalues.tolist()
    again = datasketch.MinHash(hashvalues=ours, seed=1, scheme="affine32")
    assert again.jaccard(theirs) == 1.0


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab ية字\n-«»1é\u0e01", max_size=60), max_size=6))
def test_a_signature_does_not_depend_on_the_rest_of_the_batch(texts: list[str]) -> None:
    batch = signature(*texts)
    alone = Signatures.concat([signature(), *(signature(text) for text in texts)])
    for name in ("full", "lead", "words", "digest", "broken"):
        assert np.array_equal(getattr(batch, name), getattr(alone, name)), name


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("… — !", 0),
        ("One, two; three", 3),
        ("ab" * 100_000 + " end", 2),  # longer than any buffer of words
        ("أعلنت الوزارة", 2),
        ("می‌گوید", 1),  # the joiner inside a Persian word
        ("会议在北京举行", 7),
        ("2024年G20峰会", 5),  # a year, a character, a word, two characters
        ("การประชุม", 9),
        ("한국 정부", 2),  # Korean is written with blanks
        ("the govern-\nment of the day", 5),
        ("1914-\n1918", 2),
    ],
)
def test_words(text: str, count: int) -> None:
    assert signature(text).words.tolist() == [count]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("إقرأ أيضاً: غداً", "اقرا ايضا غدا"),
        ("«می‌گوید ۱۲۳»", "ميگويد 123"),
        ("ＲＥＵＴＥＲＳ １２", "reuters 12"),
        ("a govern-\nment", "a government"),
    ],
)
def test_spellings_of_the_same_words_are_exact_copies(one: str, other: str) -> None:
    digests = signature(one, other).digest
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("", " "), ("…", "!"), ("", "word"), ("one", "two"), ("one two", "two one"), ("a b", "ab"), ("北京", "京北")],
)
def test_different_short_texts_differ(one: str, other: str) -> None:
    made = signature(one, other)
    assert made.digest[0] != made.digest[1]


def test_short_texts_get_one_shingle_of_their_own() -> None:
    assert len({tuple(shingles(text)) for text in ("one", "two", "one two", "two one", "one two three")}) == 5
    assert all(len(shingles(text)) == 1 for text in ("one", "one two", "one two three", "字", "字字字字"))
    assert shingles("") == []


def test_the_lead_is_the_signature_of_the_first_words() -> None:
    lead = " ".join(f"w{i}" for i in range(SETTINGS.lead_words))
    made = signature(lead, lead + " and then a long rest that nobody else prints")
    assert np.array_equal(made.lead[0], made.lead[1])
    assert np.array_equal(made.full[0], made.lead[0])
    assert not np.array_equal(made.full[1], made.lead[1])


def test_broken_words_are_noticed() -> None:
    column = "the com-\nmittee of the Lon-\ndon coun-\ncil met on Mon-\nday"
    assert signature(column, column.replace("-\n", "")).broken.tolist() == [True, False]
