"""What two texts share, as offsets: the passages, and the paragraphs that only one of them has.

Owns: where in each text the shared shingles stand. Must not know: relations, thresholds, where texts live.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import sign, token_table
from newsclean.kernels import minhash
from newsclean.kernels import pairs as compare
from newsclean.text import Span, TextColumn

_SHARED = 0.5  # of a paragraph's tokens stand in shared passages: the other text has it


@dataclass(frozen=True, slots=True)
class Passages:
    """Of texts a and b, in this order; offsets are code points."""

    paragraphs: int
    """Paragraphs that both have, counted in the text that has fewer of them."""
    shared: tuple[list[Span], list[Span]]
    """Runs of tokens that stand in the other text too."""
    extra: tuple[list[Span], list[Span]]
    """Paragraphs that the other text does not have."""


def passages(texts: TextColumn, settings: DedupSettings) -> Passages:
    """What the two texts of a column share.

    >>> texts = TextColumn.from_texts(["Snow closed the pass.\\nBuses stood still.", "News: snow closed the pass."])
    >>> found = passages(texts, DedupSettings())
    >>> found.paragraphs, found.shared, found.extra[0]
    (1, ([Span(start=0, end=21)], [Span(start=6, end=27)]), [Span(start=22, end=40)])
    """
    characters = bool(sign(texts, settings).broken.any())  # as `verify.measure` has it
    room = len(texts.data) + 2
    hashes, kinds = np.empty(room, np.uint32), np.empty(room, np.uint32)
    letters, sets = np.empty(room, np.uint64), np.empty(room, np.uint64)
    places, none = np.empty(3, np.int64), np.zeros(0, np.uint64)
    numerals = np.zeros(0, np.uint32)
    made = compare.cut(
        texts.data, texts.offsets, token_table(), characters, np.zeros(2, np.int64), none, 0.0, 0, numerals, places, hashes,
        kinds, letters, sets,
    )  # fmt: skip
    covered = [np.zeros(count, np.uint8) for count in np.diff(places).tolist()]
    compare.overlap(0, 1, places, made, kinds, sets, *covered)
    (shared_a, met_a, extra_a), (shared_b, met_b, extra_b) = (_in(texts, i, covered[i], characters) for i in (0, 1))
    return Passages(min(met_a, met_b), (shared_a, shared_b), (extra_a, extra_b))


def _in(
    texts: TextColumn, i: int, covered: npt.NDArray[np.uint8], characters: bool
) -> tuple[list[Span], int, list[Span]]:
    """The shared runs of text i, how many of its paragraphs are shared, and the others."""
    data = texts.data[texts.offsets[i] : texts.offsets[i + 1]]
    if not len(covered):
        return [], 0, []
    at = np.empty(len(covered) + 1, np.int64)
    hashes, kinds = np.empty(len(data) + 1, np.uint32), np.empty(len(data) + 1, np.uint32)
    minhash.tokens(data, 0, len(data), token_table(), characters, hashes, kinds, at)
    at[-1] = len(data)
    edges = np.flatnonzero(np.diff(covered.astype(np.int8), prepend=0, append=0))
    shared = [_span(data, at[first], at[after]) for first, after in edges.reshape(-1, 2)]
    lines = np.concatenate([[0], np.flatnonzero(data == ord("\n")) + 1])
    paragraph = np.searchsorted(lines, at[:-1], side="right") - 1
    tokens = np.bincount(paragraph, minlength=len(lines))
    met = np.bincount(paragraph, covered, len(lines)) >= _SHARED * np.maximum(tokens, 1)
    ends = np.append(lines[1:], len(data))
    missing = np.flatnonzero(~met & (tokens > 0))
    return shared, int(met.sum()), [_span(data, lines[line], ends[line]) for line in missing]


def _span(data: npt.NDArray[np.uint8], first: int, after: int) -> Span:
    """Bytes to code points, without the blanks around."""
    start, text = _code_points(data[:first]), data[first:after].tobytes().decode("utf-8", "surrogatepass")
    return Span(start + len(text) - len(text.lstrip()), start + len(text.rstrip()))


def _code_points(data: npt.NDArray[np.uint8]) -> int:
    return int(np.count_nonzero((data & 0xC0) != 0x80))
