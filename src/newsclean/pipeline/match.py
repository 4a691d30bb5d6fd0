"""Stages 2 to 4: from the signatures in the store to the kept document of each document.

Owns: which columns matching needs and how its result is kept. Must not know: how copies are told (that is `dedup`),
output files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from newsclean.dedup.furniture import FetchTexts
from newsclean.dedup.group import dedup, group, number_sources
from newsclean.dedup.keep import priority
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.dedup.sweep import Outcome, sweep
from newsclean.dedup.verify import Pairs
from newsclean.pipeline.store import Store
from newsclean.text import Document


@dataclass(frozen=True, slots=True)
class Matches:
    """pairs: verified, sorted by rows; kept: int64 [n], the row of each document's kept document."""

    pairs: Pairs
    kept: npt.NDArray[np.int64]


def match(store: Store, settings: DedupSettings, *, all_relations: bool = False) -> Matches:
    """Find the copies among the documents of the store; a result found before is taken up again.

    all_relations: see `dedup.group`.
    """
    path = store.folder / "matches.npz"
    if path.exists():
        with np.load(path) as saved:
            return Matches(Pairs(*(saved[f.name] for f in fields(Pairs))), saved["kept"])
    known = _Known.of(store, settings)
    pairs, kept = group(*known[:4], settings, known.sources, all_relations=all_relations)
    part = store.folder / "matches.part.npz"
    np.savez(part, kept=kept, **{f.name: getattr(pairs, f.name) for f in fields(Pairs)})
    part.replace(path)
    return Matches(pairs, kept)


def load_kernels() -> None:
    """Load the compiled code that matching needs, which takes a second: for a thread to do while workers prepare."""
    story = " ".join(f"A line of a story numbered {n}." for n in range(40))
    dedup([Document(id=end, text=story + end) for end in "ab"])


def sweep_store(store: Store, settings: DedupSettings, thresholds: Sequence[float]) -> list[Outcome]:
    """What other thresholds would collapse of the documents of the store, see `dedup.sweep`."""
    known = _Known.of(store, settings)
    return sweep(*known[:4], settings, thresholds, known.sources)


class _Known(NamedTuple):
    """What matching asks of the documents, as `dedup.group` takes it."""

    signatures: Signatures
    texts: FetchTexts
    days: npt.NDArray[np.float64]
    rank: npt.NDArray[np.int64]
    sources: npt.NDArray[np.int64]

    @classmethod
    def of(cls, store: Store, settings: DedupSettings) -> _Known:
        signatures, days, origins = store.signatures(settings), store.numbers("days"), _origins(store)
        rank = priority(
            settings,
            ids=[plain_id(fragment) for fragment in store.each("id")],
            days=days,
            words=signatures.words,
            digest=signatures.digest,
            fields=store.numbers("known"),
            removals=store.numbers("removed"),
            origins=origins,
        )
        sources = number_sources([source or site for source, site in origins])
        return cls(signatures, store.texts, days, rank, sources)


def plain_id(fragment: bytes) -> str:
    """An id as `Document.id` has it, from its JSON."""
    return fragment[1:-1].decode() if fragment[:1] == b'"' and b"\\" not in fragment else str(orjson.loads(fragment))


def _origins(store: Store) -> list[tuple[str | None, str | None]]:
    """The source and the site of each document; there are few of them, so equal ones are one object."""
    known: dict[tuple[str | None, str | None], tuple[str | None, str | None]] = {}
    origins = []
    for about in store.each("about"):
        origin = origin_of(about)
        origins.append(known.setdefault(origin, origin))
    return origins


def origin_of(about: bytes) -> tuple[str | None, str | None]:
    """The source and the site of a document, from what is known of it as a copy."""
    told = orjson.loads(about)
    return told.get("source"), told.get("site")
