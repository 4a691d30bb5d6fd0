"""Which words stand in furniture and which in stories: a vocabulary for the page scorer, learned from labelled lines.

Owns: which words are counted, how their weights are found. Must not know: how lines are scored, trees, gates.

A line's words weigh their sum by the root of their number; that is added to the line's first score, so words learn only what
shape did not tell (logistic regression with an offset, and a strong pull to zero).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array, vstack

from newsclean.fold import fold, fold_table
from newsclean.kernels.context import line_words, word_keys
from newsclean.lines import C0, C1, DOC, punctuation_table
from newsclean.text import TextColumn
from page_sets import UNSPACED, PageSet

LEAST_HOSTS = 12  # a word that fewer have says what a site writes, not what furniture does
PULL = 0.5
CERTAIN = 3.0  # first scores count no more than this
LIGHT = 0.03  # a word that weighs less is left out


class Words:
    """The words of some sets' lines. scores: the first score of each set's lines, by trees that never saw their hosts."""

    def __init__(self, sets: list[PageSet], scores: list[Any]) -> None:
        found = [_words(one) for one in sets]
        self.keys = self._common(sets, found)
        self.names = self._spelled(sets, found)
        self.counts = vstack([self._matrix(*each) for each in found], format="csr")
        self.offset = np.clip(np.concatenate(scores), -CERTAIN, CERTAIN).astype(float)
        self.labels = np.concatenate([one.labels for one in sets])
        self.folds = np.concatenate([one.folds for one in sets])
        self.weights = np.concatenate([np.where(one.seen, one.weights, 0) for one in sets]) / 100

    def weigh(self, leave_out: int = -1) -> dict[str, float]:
        """The words that weigh something, learned from all lines but those of a fold."""
        use = (self.weights > 0) & (self.folds != leave_out)
        x, y, weights, offset = self.counts[use], self.labels[use], self.weights[use], self.offset[use]

        def loss(beta: Any) -> tuple[float, Any]:
            z = np.where(y > 0, 1, -1) * (x @ beta + offset)
            pull = weights * -np.where(y > 0, 1, -1) / (1 + np.exp(z))
            return float(weights @ np.logaddexp(0, -z) + PULL / 2 * beta @ beta), x.T @ pull + PULL * beta

        beta = minimize(loss, np.zeros(len(self.keys)), jac=True, method="L-BFGS-B", options={"maxiter": 40}).x
        named = ((name, round(float(weight), 2)) for name, weight in zip(self.names, beta, strict=True))
        return {name: weight for name, weight in sorted(named) if name and abs(weight) >= LIGHT}

    @staticmethod
    def _common(sets: list[PageSet], found: list[tuple[Any, Any]]) -> Any:
        once = []  # each word of a host once
        for one, (hashes, first) in zip(sets, found, strict=True):
            hosts = np.repeat(one.hosts.astype(np.uint64), np.diff(first))
            once.append(hashes[np.unique(hashes ^ hosts * np.uint64(0x9E3779B97F4A7C15), return_index=True)[1]])
        keys, hosts = np.unique(np.concatenate(once), return_counts=True)
        return keys[hosts >= LEAST_HOSTS]

    def _matrix(self, hashes: Any, first: Any) -> Any:
        place = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
        known = self.keys[place] == hashes
        line = np.repeat(np.arange(len(first) - 1), np.diff(first))
        value = 1 / np.sqrt(np.diff(first) + 1.0)
        return csr_array((value[line[known]], (line[known], place[known])), (len(first) - 1, len(self.keys)))

    def _spelled(self, sets: list[PageSet], found: list[tuple[Any, Any]]) -> list[str]:
        """How each key is spelled, "" for one that no line could tell."""
        spellings: set[str] = set()
        left = self.keys
        for one, (hashes, first) in zip(sets, found, strict=True):
            here, at = np.unique(hashes, return_index=True)
            here, at = here[(new := np.isin(here, left))], at[new]
            left = left[~np.isin(left, here)]
            for line in np.unique(np.searchsorted(first, at, side="right") - 1).tolist():
                row = one.lines.table[line]
                spellings.update(_spellings(one.records[row[DOC]]["text"][row[C0] : row[C1]]))
        names = sorted(spellings)
        column = TextColumn.from_texts(names)
        by_key = dict(zip(word_keys(column.data, column.offsets, fold_table()).tolist(), names, strict=True))
        return [by_key.get(key, "") for key in self.keys.tolist()]


def _words(one: PageSet) -> tuple[Any, Any]:
    """The hashes of the words of all lines, and where those of each begin; lines that do not stand have none."""
    table = one.lines.table[one.stands]
    hashes, first = np.empty(len(one.texts.data) + len(table), np.uint64), np.zeros(len(table) + 1, np.int64)
    line_words(one.texts.data, fold_table(), punctuation_table(), table, hashes, first)
    counts = np.zeros(len(one.stands), np.int64)
    counts[one.stands] = np.diff(first)
    return hashes[: first[-1]], np.concatenate([[0], np.cumsum(counts)])


def _spellings(line: str) -> Iterator[str]:
    """The words of a line, and its pairs of characters of unspaced scripts."""
    for word in fold(line).split():
        if UNSPACED.search(word):
            yield from (word[n : n + 2] for n in range(len(word) - 1))
        yield from UNSPACED.split(word)
