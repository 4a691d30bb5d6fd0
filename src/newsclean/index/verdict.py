"""What an index says of documents.

Owns: `Verdict`, how it is kept in a segment's columns and read back. Must not know: how it came about.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from newsclean.dedup.verify import RELATIONS
from newsclean.index.archive import Archive, Places
from newsclean.index.place import Arrivals, Placement
from newsclean.index.segment import SIGNED, Column
from newsclean.text import TextColumn

FIGURES = ("jaccard", "containment", "covered")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an index says of a document."""

    id: str
    cluster: str
    """The same on every day: the id of the document that the cluster began with."""
    kept: bool
    """The first of its cluster; the others are duplicates of it."""
    kept_id: str
    relation: str | None
    """To the kept document: exact, near, contains, contained. None if this is the kept one."""
    jaccard: float
    containment: float
    covered: float
    """See `dedup.verify.Pairs`."""
    known: bool = False
    """It was there before, with this id and these words, and is not added again."""


def columns(new: Arrivals, placed: Placement, first: int, today: float) -> dict[str, Column]:
    """Documents that are added, and what was said of them, as the columns of a segment."""
    return {
        "number": first + np.arange(len(new)),
        "id": TextColumn.from_texts(new.ids),
        "cluster": TextColumn.from_texts(placed.clusters),
        "kept": placed.kept,
        "relation": placed.pairs.relation,
        **{name: getattr(placed.pairs, name) for name in FIGURES},
        "day": new.days,
        "added": np.full(len(new), today),
        "source": new.sources,
        **{name: getattr(new.signatures, name) for name in SIGNED},
        "text": new.texts,
    }


def on_arrivals(new: Arrivals, placed: Placement, first: int) -> list[Verdict]:
    """The verdicts on documents just placed, which have the numbers from `first` on."""
    own = (placed.kept == first + np.arange(len(new))).tolist()
    relations, figures = placed.pairs.relation.tolist(), [getattr(placed.pairs, name).tolist() for name in FIGURES]
    return list(map(_verdict, new.ids, placed.clusters, own, placed.kept_ids, relations, *figures))


def on_archived(archive: Archive, places: Places) -> list[Verdict]:
    """The verdicts given when the documents at these places were added."""
    numbers, kept = archive.take("number", places), archive.take("kept", places)
    found = archive.find("number", kept.astype(np.uint32))
    ids, clusters = archive.names("id", places), archive.names("cluster", places)
    kept_ids = list(clusters)  # of kept documents that have expired
    for slot, name in zip(found[:, 0].tolist(), archive.names("id", found[:, 1]), strict=True):
        kept_ids[slot] = name
    figures = [archive.take(name, places).tolist() for name in ("relation", *FIGURES)]
    return list(map(_verdict, ids, clusters, (numbers == kept).tolist(), kept_ids, *figures))


def _verdict(
    name: str, cluster: str, kept: bool, kept_id: str, relation: int, jaccard: float, containment: float, covered: float
) -> Verdict:
    told = None if kept else RELATIONS[relation]
    return Verdict(name, cluster, kept, kept_id, told, round(jaccard, 4), round(containment, 4), round(covered, 4))
