"""Whole pages: the story found by the shape of its lines, everything around it removed.

Owns: what the scorer's weights are called and where they lie, and the rules it reports. Must not know: phrases, sites,
languages; which rules removed what before it.

A page is a list of lines, most of them menus, headlines and forms. Each line is measured (its length, how it ends, the prose
around it, the main block of the page: `kernels.features.COLUMNS`), and some dozens of small trees turn the measures into a score,
the log odds that the line belongs to the story. Lines that this does not settle are looked at again, beside the scores of
the lines around them, the words they share with the story found so far, and the weights of their words
(`kernels.context.CONTEXT`); other trees turn all that into their last score. A gate decides on the whole document whether it
is a page at all, so that text which is already clean passes untouched. Weights are data, trained by `benchmarks/train_shape.py`.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from newsclean.fold import fold_table
from newsclean.kernels.context import CONTEXT, word_keys
from newsclean.kernels.features import COLUMNS, GROUPS
from newsclean.kernels.shape import AFTER, BEFORE, DEPTH, INSIDE, PAGE_COLUMNS, decide
from newsclean.kernels.words import fill_table
from newsclean.lines import B0, B1, Lines, punctuation_table
from newsclean.rules.model import CLASSES
from newsclean.text import TextColumn

CLASS = "chrome"
# What a line that rules took says of the lines around it, in the order of `kernels.features.COLUMNS`: that there are comments,
# links to other stories, the end of the story, its head. A class that says none of this is in the last group.
_GROUPS = (
    ("comment",),
    ("related", "appended", "ticker"),
    ("share", "tags", "source", "copyright", "id", "subscribe"),
    ("date", "byline", "dateline", "caption"),
)
# The rules that removals are reported under, by the number in `Shape.region`; 0 is no rule.
RULES = {BEFORE: "shape/before", AFTER: "shape/after", INSIDE: "shape/inside"}


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained scorer, each part as `kernels.shape.decide` takes it: the gate's weights, its bias last; the trees of the first
    scores and of the last; the vocabulary."""

    gate: npt.NDArray[np.float64]
    first: tuple[npt.NDArray[Any], ...]
    last: tuple[npt.NDArray[Any], ...]
    words: tuple[npt.NDArray[Any], ...]

    @classmethod
    def from_json(cls, text: str) -> Weights:
        """Raises ValueError if the weights were trained on other columns than this code measures."""
        record = json.loads(text)
        if (record["columns"], record["page_columns"]) != ([*COLUMNS, *CONTEXT], list(PAGE_COLUMNS)):
            raise ValueError("the shape weights were trained on other columns: run benchmarks/train_shape.py")
        gate = np.array(record["gate"], np.float64)
        return cls(gate, full_trees(**record["first"]), full_trees(**record["last"]), vocabulary(record["words"]))


def vocabulary(weights: dict[str, float]) -> tuple[npt.NDArray[Any], ...]:
    """Folded words (in unspaced scripts, pairs of characters) and what they weigh, as `look_again` looks them up."""
    words = TextColumn.from_texts(weights)
    size = 2 ** (2 * len(weights) + 2).bit_length()
    keys, places = np.zeros(size, np.uint64), np.zeros(size, np.int64)
    fill_table(keys, places, word_keys(words.data, words.offsets, fold_table()), np.arange(len(weights)))
    return keys, places, np.array([*weights.values()], np.float32)


def full_trees(
    column: list[int], bound: list[float], right: list[int], root: list[int]
) -> tuple[npt.NDArray[Any], ...]:
    """The trees, each with all its 2^DEPTH leaves: a leaf higher up is repeated below nodes that always go left.

    Given are nodes as flat lists. A left child follows its node, `right` is the place of the other; a leaf has column -1 and its
    value in `bound`.
    """
    inner = 2**DEPTH - 1
    columns, bounds = np.zeros((len(root), inner), np.uint8), np.full((len(root), inner), np.inf, np.float32)
    leaves = np.zeros((len(root), inner + 1), np.float32)
    for tree, start in enumerate(root):
        todo = [(start, 0)]
        while todo:
            node, at = todo.pop()
            if at >= inner:
                leaves[tree, at - inner] = bound[node]
            elif column[node] < 0:
                todo += [(node, 2 * at + 1), (node, 2 * at + 2)]
            else:
                columns[tree, at], bounds[tree, at] = column[node], bound[node]
                todo += [(node + 1, 2 * at + 1), (right[node], 2 * at + 2)]
    return columns, bounds, leaves


@functools.cache
def load_weights() -> Weights:
    """The weights that come with the package."""
    return Weights.from_json(resources.files("newsclean").joinpath("shape_weights.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Shape:
    """What the scorer decided on a column.

    region: int8 [lines], a key of RULES for each line that goes, 0 for one that stays or stood no more. scores: float32
    [lines], the log odds of belonging to the story; 0 where the document is no page. no_story: bool [documents], pages
    without a story: nothing of theirs goes.
    """

    region: npt.NDArray[np.int8]
    scores: npt.NDArray[np.float32]
    no_story: npt.NDArray[np.bool_]


@functools.cache
def _group_table() -> npt.NDArray[np.int8]:
    numbers = {name: number for number, names in enumerate(_GROUPS, 1) for name in names}
    return np.array([*(numbers.get(name, GROUPS) for name in CLASSES), 0], np.int8)


def groups_of(removed_class: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """What `decide` is told of the lines that rules took: 0 for one that stands. removed_class: as in `find_story`."""
    return _group_table()[removed_class]


def find_story(texts: TextColumn, lines: Lines, removed_class: npt.NDArray[np.int64], weights: Weights | None = None) -> Shape:
    """Which lines of each document do not belong to its story.

    lines: the filled line table of `texts`; removed_class: int64 [lines], the class of the lines that rules already took, -1
    elsewhere. Deciding again on what is left removes nothing.
    """
    weights = weights or load_weights()
    table = lines.table
    stands = (removed_class < 0) & (table[:, B0] < table[:, B1])
    scores, region = np.zeros(len(table), np.float32), np.zeros(len(table), np.int8)
    no_story = np.zeros(len(texts), np.bool_)
    decide(
        texts.data, fold_table(), punctuation_table(), table, lines.first, stands, groups_of(removed_class),
        (weights.gate, weights.first, weights.last, weights.words), scores, region, no_story,
    )  # fmt: skip
    return Shape(region, scores, no_story)
