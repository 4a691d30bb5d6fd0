"""Why two documents are, or are not, the same story: what `newsclean explain A B` shows.

Owns: the account of one pair, as plain data. Must not know: how it is printed. It calls what decides, and decides nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from newsclean import marked
from newsclean.dedup.days import days as days_of
from newsclean.dedup.furniture import Furniture
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import sign
from newsclean.dedup.verify import COPIES, RELATIONS, Measures, checks, judge, measure
from newsclean.text import Document, TextColumn

_SHOWN = 100  # paragraphs in a notebook
_ALIGNED = 0.3  # of the shorter paragraph's words, from which two paragraphs are set side by side


@dataclass(frozen=True, slots=True)
class Meeting:
    """How two signatures met, or could have: one of `whole`, `lead`."""

    estimate: float
    """Jaccard as the signatures have it."""
    bands: tuple[int, ...]
    """The bands that met, from 0; one is enough to be a candidate."""
    shape: tuple[int, int]
    """Bands, and values in each."""

    @property
    def chance(self) -> float:
        """Of meeting in one band or more at that Jaccard."""
        return self.curve(self.estimate)

    def curve(self, jaccard: float) -> float:
        """The chance of meeting at a Jaccard index: the S-curve.

        >>> [round(Meeting(1.0, (), (64, 2)).curve(j), 2) for j in (0.05, 0.1, 0.2)]
        [0.15, 0.47, 0.93]
        """
        bands, rows = self.shape
        return 1 - (1 - jaccard**rows) ** bands


@dataclass(frozen=True, slots=True)
class Aligned:
    """Paragraphs that stand side by side; None where the other text has nothing like it."""

    a: str | None
    b: str | None
    shared: float
    """Share of the shorter one's words that stand in runs the two have in common."""


@dataclass(frozen=True, slots=True)
class PairExplanation:
    """Everything that decided on one pair."""

    same: bool
    relation: str
    jaccard: float
    containment: float
    figures: dict[str, float]
    """Covered share, shared words, length of the shorter text, names and numbers, as in `verify.Measures`."""
    vetoes: tuple[str, ...]
    """The conditions of a copy that are not met, by their names in `verify.checks`."""
    reasons: tuple[str, ...]
    """The same in words, with what was asked; in their order."""
    met: dict[str, Meeting]
    paragraphs: tuple[Aligned, ...]
    """In the order of a; what only b has comes last."""

    def _repr_html_(self) -> str:
        """For notebooks: the verdict, then the paragraphs side by side, the words that only one text has marked."""
        a, b = ("\n".join(getattr(pair, side) or "" for pair in self.paragraphs) for side in "ab")
        verdict = f"{'same story' if self.same else 'not the same story'}: {self.relation}, jaccard {self.jaccard:.2f}"
        rows = "".join(
            f"<tr>{_cell(pair.a, b)}{_cell(pair.b, a)}<td>{pair.shared:.0%}</td></tr>"
            for pair in self.paragraphs[:_SHOWN]
        )
        unmet = f", conditions not met: {', '.join(self.vetoes)}" if self.vetoes and not self.same else ""
        return marked.notebook_html(f"<p>{verdict}{unmet}</p><table>{rows}</table>")


def _cell(paragraph: str | None, other: str) -> str:
    text = paragraph or ""
    return f"<td>{marked.lines_html(text, marked.only_here(text, other), keep=2000)}</td>"


def explain_pair(a: Document, b: Document, settings: DedupSettings | None = None) -> PairExplanation:
    """The account of two documents, compared as they stand.

    >>> found = explain_pair(Document("Snow closed the pass at dawn.\\nBuses run again."), Document("Buses run again."))
    >>> found.relation, found.vetoes
    ('unrelated', ('evidence',))
    >>> [(pair.a, pair.b) for pair in found.paragraphs]
    [('Snow closed the pass at dawn.', None), ('Buses run again.', 'Buses run again.')]
    """
    settings = settings or DedupSettings()
    texts, days = TextColumn.from_texts([a.text, b.text]), days_of([a.published, b.published])
    signatures, pair = sign(texts, settings), np.array([[0, 1]])
    all_figures = replace(settings, covered=0.0, short=sys.maxsize)  # those as well that decide nothing here
    found = measure(pair, texts.take, signatures, Furniture.none(2), all_figures)
    relation = int(judge(found, pair, days, settings)[0])
    vetoes = tuple(name for name, met in checks(found, pair, days, settings).items() if not met[0])
    return PairExplanation(
        same=relation <= COPIES,
        relation=RELATIONS[relation],
        jaccard=float(found.jaccard[0]),
        containment=float(found.containment[0]),
        figures=_figures(found),
        vetoes=vetoes,
        reasons=tuple(_reason(name, found, float(abs(days[0] - days[1])), settings) for name in vetoes),
        met={
            "whole": _meeting(signatures.full, settings.bands),
            "lead": _meeting(signatures.lead, settings.lead_bands),
        },
        paragraphs=_align(a.text, b.text, settings),
    )


def _figures(found: Measures) -> dict[str, float]:
    names = ("covered", "shared", "shorter", "names", "numbers", "same_numbers", "replaced")
    return {name: float(getattr(found, name)[0]) for name in names}


def _reason(veto: str, found: Measures, apart: float, settings: DedupSettings) -> str:
    """What a condition asks, and what there is; as `verify.checks` has it."""
    figures, characters = _figures(found), bool(found.characters[0])
    asked = f"{settings.covered:.0%}, or {settings.reworded:.0%} with at most {settings.reworded_names} names of its own"
    return {
        "window": f"{apart:.1f} days apart, at most {settings.window}",
        "overlap": f"{figures['covered']:.0%} of the shorter text stands in the other, "
                   f"asked: {f'{settings.characters:.0%}' if characters else asked}",
        "evidence": f"{figures['shared']:.0f} shared words outside quotation marks, asked: {settings.shared}, or jaccard "
                    f"{settings.short_jaccard}",
        "names": f"{figures['names']:.0f} names of each text are missing from the other, at most {settings.names}"
                 if figures["names"] > settings.names else
                 f"{figures['replaced']:.0f} words of each text have another in their place, at most {settings.replaced}",
        "numbers": f"{figures['same_numbers']:.0f} of {figures['numbers']:.0f} numbers are in both, asked: "
                   f"{settings.numbers:.0%}, or one difference in {settings.correction} words",
    }[veto]  # fmt: skip


def _meeting(values: npt.NDArray[np.uint32], shape: tuple[int, int]) -> Meeting:
    bands, rows = shape
    same = values[0] == values[1]
    met = same[: bands * rows].reshape(bands, rows).all(axis=1)
    return Meeting(float(same.mean()), tuple(np.flatnonzero(met).tolist()), shape)


def _align(a: str, b: str, settings: DedupSettings) -> tuple[Aligned, ...]:
    """Each paragraph of a beside the free one of b most like it, then the rest of b."""
    ours, theirs = ([line.strip() for line in text.splitlines() if line.strip()] for text in (a, b))
    if not ours or not theirs:
        return tuple(Aligned(line, None, 0.0) for line in ours) + tuple(Aligned(None, line, 0.0) for line in theirs)
    texts = TextColumn.from_texts([*ours, *theirs])
    places = [(i, len(ours) + j) for i in range(len(ours)) for j in range(len(theirs))]
    found = measure(np.array(places), texts.take, sign(texts, settings), Furniture.none(len(texts)), settings)
    shared = found.covered.reshape(len(ours), len(theirs))
    partner: dict[int, int] = {}
    for place in np.argsort(-shared, axis=None, kind="stable").tolist():
        i, j = divmod(place, len(theirs))
        if shared[i, j] >= _ALIGNED and i not in partner and j not in partner.values():
            partner[i] = j
    beside = [
        Aligned(line, theirs[partner[i]], float(shared[i, partner[i]])) if i in partner else Aligned(line, None, 0.0)
        for i, line in enumerate(ours)
    ]
    rest = [Aligned(None, line, 0.0) for j, line in enumerate(theirs) if j not in partner.values()]
    return tuple(beside + rest)
