"""Candidate pairs to verified ones: how two texts relate, decided on their exact shingle sets.

Owns: what is measured of a pair (`measure`) and what follows from it (`judge`). Must not know: where texts
live, clusters.

Measuring reads the texts and is slow; judging only compares the figures with the settings, so thresholds can be tried
without measuring again.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from newsclean.dedup.furniture import BLOCK, FetchTexts, Furniture, bytes_of
from newsclean.dedup.numerals import numeral_hashes
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures, token_table
from newsclean.kernels import pairs as compare
from newsclean.text import TextColumn

RELATIONS = ("exact", "near", "contains", "contained", "partial", "template", "unrelated")
EXACT, NEAR, CONTAINS, CONTAINED, PARTIAL, TEMPLATE, UNRELATED = range(7)
COPIES = CONTAINED  # relations up to this one are copies
_TURNED = np.array([EXACT, NEAR, CONTAINED, CONTAINS, PARTIAL, TEMPLATE, UNRELATED], np.int8)
LETTERS = 5  # of a word, where words count for characters


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows with how they relate; every field is an array over the pairs."""

    a: npt.NDArray[np.int64]
    b: npt.NDArray[np.int64]
    relation: npt.NDArray[np.int8]
    """Index into RELATIONS; `contains` means that a contains b."""
    jaccard: npt.NDArray[np.float64]
    containment: npt.NDArray[np.float64]
    """Shared shingles of those of the text that has fewer."""
    covered: npt.NDArray[np.float64]
    """Share of the shorter text that stands in shared shingles: what `DedupSettings.covered` asks for."""

    def __len__(self) -> int:
        return len(self.a)

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """int64 [pairs, 2]."""
        return np.stack([self.a, self.b], axis=1)

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Pairs:
        """The pairs of a mask, or of places in their order."""
        return Pairs(*(getattr(self, f.name)[chosen] for f in fields(self)))

    def between(self, rows: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Pairs:
        """The pairs of rows with others, seen from the rows; of a row with itself: exact.

        Needs pairs that are sorted, a before b, and hold those asked for.
        """
        n = int(max(self.b.max(initial=0), rows.max(initial=0), others.max(initial=0))) + 1
        at = np.searchsorted(self.a * n + self.b, np.minimum(rows, others) * n + np.maximum(rows, others))
        itself = Pairs(rows[:1], rows[:1], np.full(1, EXACT, np.int8), *np.ones((3, 1)))
        found = Pairs.concat([self, itself]).where(np.where(rows == others, len(self), at))
        relation = np.where(rows < others, found.relation, _TURNED[found.relation])
        return replace(found, a=rows, b=others, relation=relation)

    @staticmethod
    def none() -> Pairs:
        rows, figures = np.zeros(0, np.int64), np.zeros(0, np.float64)
        return Pairs(rows, rows, np.zeros(0, np.int8), figures, figures, figures)

    @staticmethod
    def concat(parts: list[Pairs]) -> Pairs:
        return Pairs(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Pairs)))


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of each pair; every field is an array over the pairs."""

    exact: npt.NDArray[np.bool_]
    """The same words, folded."""
    characters: npt.NDArray[np.bool_]
    """Compared by characters, because words of one text are broken."""
    jaccard: npt.NDArray[np.float64]
    containment: npt.NDArray[np.float64]
    covered: npt.NDArray[np.float64]
    """Share of the shorter text's tokens that stand in shared shingles."""
    shared: npt.NDArray[np.float64]
    """How many these are, outside quotation marks."""
    shorter: npt.NDArray[np.float64]
    """Tokens of the shorter text."""
    a_longer: npt.NDArray[np.bool_]
    names: npt.NDArray[np.int64]
    """Distinct capitalised words found nowhere in the other text, of the text that has fewer."""
    numbers: npt.NDArray[np.int64]
    """Numbers, with repetition, of the text that has fewer."""
    same_numbers: npt.NDArray[np.int64]
    """Numbers, with repetition, that both have."""
    replaced: npt.NDArray[np.int64]
    """Words of each text that stand where the other has another word, where that may tell templates apart: not in texts
    that are long and have few numbers, nor in scripts with capitals, where `names` tells."""

    def template_prone(self, settings: DedupSettings) -> npt.NDArray[np.bool_]:
        """So short, or so full of numbers, that two stories may differ in nothing but names, numbers and dates."""
        return (self.shorter < settings.short) | (self.numbers > settings.dense * self.shorter)


def verify(
    pairs: npt.NDArray[np.int64],
    texts: FetchTexts,
    signatures: Signatures,
    days: npt.NDArray[np.float64] | None,
    settings: DedupSettings,
    *,
    furniture: Furniture | None = None,
    all_relations: bool = False,
) -> Pairs:
    """Which candidate pairs (int64 [pairs, 2]) are copies; with `all_relations` also partial copies and templates.

    texts: the texts of the rows asked for, in that order; called once for each block of pairs. Pairs keep their order.
    """
    furniture = furniture or Furniture.none(len(signatures))

    def verified(block: npt.NDArray[np.int64]) -> Pairs:
        measures = measure(block, texts, signatures, furniture, settings)
        relation = judge(measures, block, days, settings)
        made = Pairs(block[:, 0], block[:, 1], relation, measures.jaccard, measures.containment, measures.covered)
        return made.where(relation <= (TEMPLATE if all_relations else COPIES))

    with ThreadPoolExecutor(os.cpu_count()) as threads:  # the loops release the lock
        parts = list(blocks(pairs, signatures))
        run = threads.map if len(parts) > 1 else map  # starting threads takes longer than a few pairs
        return Pairs.concat([Pairs.none(), *run(verified, parts)])


def blocks(pairs: npt.NDArray[np.int64], signatures: Signatures) -> Iterator[npt.NDArray[np.int64]]:
    """Runs of pairs whose texts hold about BLOCK bytes."""
    size = bytes_of(signatures)
    cost = np.cumsum(size[pairs[:, 1]])
    cost += np.cumsum(np.where(np.diff(pairs[:, 0], prepend=-1) != 0, size[pairs[:, 0]], 0))
    yield from (part for part in np.split(pairs, np.flatnonzero(np.diff(cost // BLOCK)) + 1) if len(part))


def measure(
    pairs: npt.NDArray[np.int64],
    texts: FetchTexts,
    signatures: Signatures,
    furniture: Furniture,
    settings: DedupSettings,
) -> Measures:
    """The figures of each pair (int64 [pairs, 2])."""
    exact = np.asarray(signatures.digest[pairs[:, 0]] == signatures.digest[pairs[:, 1]], np.bool_)
    characters = np.asarray(signatures.broken[pairs].any(axis=1), np.bool_)
    figures = np.zeros((len(pairs), 6), np.float64)
    facts = np.zeros((len(pairs), 6), np.int64)
    for by_character in (False, True):
        chosen = np.flatnonzero((characters == by_character) & ~exact)
        if len(chosen):
            rows, local = np.unique(pairs[chosen], return_inverse=True)
            unwanted = furniture.sentences[: 0 if by_character else None]
            cut = _cut(texts(rows), by_character, furniture.sources[rows], unwanted, settings)
            some = np.zeros((len(chosen), 6), np.float64), np.zeros((len(chosen), 6), np.int64)
            # Names and numbers decide nothing about pairs that share less, or that are compared by characters.
            least = math.inf if by_character else min(settings.covered, settings.reworded)
            limits = least, settings.covered, settings.short, settings.dense
            compare.compare(local.reshape(-1, 2), *cut, *limits, *some)  # type: ignore[call-arg]
            figures[chosen], facts[chosen] = some
    figures[exact, :3] = 1.0
    jaccard, containment, covered, shared, shorter, a_longer = figures.T
    names_a, names_b, numbers_a, numbers_b, same_numbers, replaced = facts.T
    return Measures(
        exact, characters, jaccard, containment, covered, shared, shorter, a_longer > 0,
        np.minimum(names_a, names_b), np.minimum(numbers_a, numbers_b), same_numbers,
        replaced,
    )  # fmt: skip


def _cut(
    texts: TextColumn,
    by_character: bool,
    sources: npt.NDArray[np.int64],
    furniture: npt.NDArray[np.uint64],
    settings: DedupSettings,
) -> tuple[npt.NDArray[np.generic], ...]:
    """The arrays that `kernels.pairs.compare` reads: places, made, hashes, kinds, letters, sets."""
    room = len(texts.data) + 1 if by_character else len(texts.data) // 2 + len(texts) + 1
    hashes, kinds = np.empty(room, np.uint32), np.empty(room, np.uint32)
    letters, sets = np.empty(room, np.uint64), np.empty(room, np.uint64)
    places = np.empty(len(texts) + 1, np.int64)
    made = compare.cut(
        texts.data, texts.offsets, token_table(), by_character,
        sources, furniture, settings.body, settings.shared, numeral_hashes(), places, hashes, kinds,
        letters, sets,
    )  # fmt: skip
    return places, made, hashes, kinds, letters, sets


def judge(
    measures: Measures, pairs: npt.NDArray[np.int64], days: npt.NDArray[np.float64] | None, settings: DedupSettings
) -> npt.NDArray[np.int8]:
    """The relation of each pair, int8, index into RELATIONS."""
    m, passed = measures, checks(measures, pairs, days, settings)
    alike = passed["overlap"] & passed["evidence"]
    copied = alike & passed["names"] & passed["numbers"]
    relation = np.full(len(pairs), UNRELATED, np.int8)
    relation[m.shared >= settings.partial * np.where(m.characters, LETTERS, 1)] = PARTIAL
    relation[alike & ~copied] = TEMPLATE
    relation[copied] = np.where(m.a_longer, CONTAINS, CONTAINED)[copied]
    relation[copied & (m.jaccard >= settings.near)] = NEAR
    relation[m.exact] = EXACT
    relation[~passed["window"]] = UNRELATED
    return relation


def checks(
    measures: Measures, pairs: npt.NDArray[np.int64], days: npt.NDArray[np.float64] | None, settings: DedupSettings
) -> dict[str, npt.NDArray[np.bool_]]:
    """Which conditions of a copy each pair meets, by name; a condition that does not apply is met.

    window: the dates. overlap: enough of the shorter text stands in the other. evidence: and that is enough text, not a
    quotation. names, numbers: the template guard.
    """
    m = measures
    # Follow-ups repeat whole paragraphs of background, but each brings in people of its own.
    reworded = (m.covered >= settings.reworded) & (m.names <= settings.reworded_names)
    by_words = (m.covered >= settings.covered) | reworded
    unguarded = m.exact | m.characters | ~m.template_prone(settings)
    corrected = (m.names + m.numbers - m.same_numbers) * settings.correction <= m.shorter
    within = np.ones(len(pairs), np.bool_)
    if days is not None and settings.window is not None:
        within = ~(np.abs(days[pairs[:, 0]] - days[pairs[:, 1]]) > settings.window)  # a missing date is NaN
    return {
        "window": within,
        "overlap": m.exact | np.where(m.characters, m.covered >= settings.characters, by_words),
        "evidence": m.exact | m.characters | (m.shared >= settings.shared) | (m.jaccard >= settings.short_jaccard),
        "names": unguarded | ((m.names <= settings.names) & ((m.replaced <= settings.replaced) | (m.covered < settings.equal))),
        "numbers": unguarded | corrected | (m.same_numbers >= settings.numbers * m.numbers),
    }
