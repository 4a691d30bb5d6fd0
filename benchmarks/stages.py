"""What is timed: stages of newsclean and of the libraries people use in its place, as functions without arguments.

All preparation that a stage would not do in use (compiling rules and kernels, joining texts into a column) is done when
the function is made, not when it is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from newsclean import Document, RuleBook
from newsclean.cleaning import clean_batch, clean_column, compile_rules
from newsclean.cleaning.reading import Scope, scanned
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import sign
from newsclean.fold import fold_table
from newsclean.kernels.words import word_hashes
from newsclean.lines import Lines
from newsclean.text import TextColumn

Stage = Callable[[], Any]
_WORD = re.compile(r"\w+")


def _column(documents: Sequence[Document]) -> TextColumn:
    return TextColumn.from_texts(document.text for document in documents)


def folding(documents: Sequence[Document]) -> Stage:
    """Fold every character and hash every word."""
    texts = _column(documents)
    return lambda: word_hashes(texts.data, texts.offsets, fold_table())


def scanning(documents: Sequence[Document], book: RuleBook) -> Stage:
    """Measure every line and find the phrases of the rules for its language."""
    texts, rules = _column(documents), compile_rules(book)
    lines = Lines.empty(texts)
    found = rules.detect_languages(texts)
    languages = sorted(set(found))
    active = np.array([rules.active(language, "") for language in languages], np.uint8)
    profile = np.array([languages.index(language) for language in found], np.int64)
    scope = Scope(rules, active, profile)
    return lambda: scanned(texts, lines, scope)


def cleaning(documents: Sequence[Document], book: RuleBook) -> Stage:
    """From a column of UTF-8, as a run reads it, to cleaned texts and removals."""
    texts = _column(documents)
    clean_batch(documents[:20], book)
    return lambda: clean_column(texts, documents, book)


def cleaning_str(documents: Sequence[Document], book: RuleBook) -> Stage:
    """The same from texts of type str, as Python has them."""
    clean_batch(documents[:20], book)
    return lambda: clean_batch(documents, book)


def signing(documents: Sequence[Document]) -> Stage:
    """From a column of text to two signatures of 128 values, of the whole and of the lead."""
    texts, settings = _column(documents), DedupSettings()
    sign(texts, settings)
    return lambda: sign(texts, settings)


def shingles(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    return [" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))]


def signing_with_rensa(documents: Sequence[Document]) -> Stage:
    """From text to one signature of 128 values, on the same three-word shingles."""
    import rensa

    def run() -> None:
        for document in documents:
            made = rensa.RMinHash(num_perm=128, seed=1)
            made.update(shingles(document.text))
            made.digest()

    return run


def signing_with_datasketch(documents: Sequence[Document]) -> Stage:
    """The same with datasketch as its documentation shows it, but in batches and with xxhash, its faster way."""
    import datasketch
    import xxhash

    def run() -> None:
        for document in documents:
            made = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=xxhash.xxh32_intdigest)
            made.update_batch([shingle.encode() for shingle in shingles(document.text)])

    return run
