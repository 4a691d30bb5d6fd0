"""What other thresholds would collapse, without signing or measuring again.

Owns: judging one set of measured pairs many times. Must not know: how pairs are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from newsclean.dedup.candidates import candidates
from newsclean.dedup.cluster import cluster
from newsclean.dedup.furniture import FetchTexts, Furniture, find_furniture
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.dedup.verify import COPIES, blocks, judge, measure


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one threshold collapses."""

    covered: float
    """Share of the shorter text that must stand in the other, see `DedupSettings.covered`."""
    pairs: int
    clusters: int
    """Of two documents and more."""
    duplicates: int
    """Documents that are not kept."""
    kept: int


def sweep(
    signatures: Signatures,
    texts: FetchTexts,
    days: npt.NDArray[np.float64] | None,
    rank: npt.NDArray[np.int64],
    settings: DedupSettings,
    thresholds: Sequence[float],
    sources: npt.NDArray[np.int64] | None = None,
) -> list[Outcome]:
    """An Outcome for each threshold of `DedupSettings.covered`, in their order; arguments as for `group`.

    `reworded` and `characters` keep their distance from it. Candidates are those of the settings, and only the first
    round is verified: the figures are those of a run to within a few pairs.
    """
    n = len(signatures)
    pairs = candidates(signatures, days, settings, rank)
    furniture = Furniture.none(n)
    if sources is not None:
        furniture = find_furniture(pairs, texts, signatures, sources, settings)
    kinds = [settings_at(settings, threshold) for threshold in thresholds]
    lowest, highest = (of(kinds, key=lambda kind: kind.covered) for of in (min, max))
    # All figures that any of them asks for: names tell between `reworded` and `covered`.
    widest = replace(lowest, covered=highest.covered, reworded=min(lowest.covered, lowest.reworded))
    found: list[list[npt.NDArray[np.int64]]] = [[pairs[:0]] for _ in kinds]
    for block in blocks(pairs, signatures):
        measures = measure(block, texts, signatures, furniture, widest)
        for place, chosen in enumerate(kinds):
            found[place].append(block[judge(measures, block, days, chosen) <= COPIES])
    outcomes = []
    for chosen, parts in zip(kinds, found, strict=True):
        matching = np.concatenate(parts)
        kept = cluster(n, matching, rank)
        sizes = np.bincount(kept, minlength=n)
        centres = int((sizes > 0).sum())
        outcomes.append(Outcome(chosen.covered, len(matching), int((sizes > 1).sum()), n - centres, centres))
    return outcomes


def settings_at(settings: DedupSettings, covered: float) -> DedupSettings:
    """The settings with another threshold, and those tied to it moved along.

    >>> moved = settings_at(DedupSettings(), 0.85)
    >>> round(moved.reworded, 2), round(moved.characters, 2)
    (0.77, 0.7)
    """
    moved = covered - settings.covered
    return replace(
        settings, covered=covered, reworded=settings.reworded + moved, characters=settings.characters + moved
    )
