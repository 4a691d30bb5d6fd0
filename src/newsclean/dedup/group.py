"""Documents to clusters of copies: the stages in order.

Owns: the order of stages, and the second look at pairs that only hot buckets kept apart. Must not know: files, how
texts are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsclean.dedup.candidates import candidates
from newsclean.dedup.cluster import cluster, unchecked
from newsclean.dedup.days import days as days_of
from newsclean.dedup.furniture import FetchTexts, find_furniture
from newsclean.dedup.keep import priority
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures, sign
from newsclean.dedup.verify import Pairs, verify
from newsclean.text import Document, TextColumn

_ROUNDS = 3  # of verifying; from the second on, what the clusters of the one before bring together


@dataclass(frozen=True, slots=True)
class Cluster:
    """Copies of one story."""

    kept: Document
    members: list[Document]
    """Every copy; the kept one first, the others in the order of preference."""


def dedup(documents: Sequence[Document], settings: DedupSettings | None = None) -> list[Cluster]:
    """The documents as clusters of copies, singletons too, ordered by their kept documents' place in `documents`."""
    settings = settings or DedupSettings()
    texts = TextColumn.from_texts(document.text for document in documents)
    signatures = sign(texts, settings)
    days = days_of(document.published for document in documents)
    rank = priority(
        settings,
        ids=[document.id for document in documents],
        days=days,
        words=signatures.words,
        digest=signatures.digest,
        origins=[(document.source, document.site) for document in documents],
    )
    sources = number_sources([document.source or document.site for document in documents])
    _, kept = group(signatures, texts.take, days, rank, settings, sources)
    members: dict[int, list[Document]] = {row: [] for row in np.unique(kept).tolist()}
    for row in np.lexsort((rank, kept)).tolist():
        members[int(kept[row])].append(documents[row])
    return [Cluster(documents[row], copies) for row, copies in members.items()]


def group(
    signatures: Signatures,
    texts: FetchTexts,
    days: npt.NDArray[np.float64] | None,
    rank: npt.NDArray[np.int64],
    settings: DedupSettings,
    sources: npt.NDArray[np.int64] | None = None,
) -> tuple[Pairs, npt.NDArray[np.int64]]:
    """The verified pairs, sorted by rows, and the row of each document's kept document (int64 [n]).

    texts: fetches the texts of rows; rank: see `keep.priority`; sources: int64 [n], equal for documents of one source,
    below 0 where it is not known.
    """
    n = len(signatures)
    more = candidates(signatures, days, settings, rank)
    furniture = None if sources is None else find_furniture(more, texts, signatures, sources, settings)
    examined, pairs, kept = more[:0], Pairs.none(), np.arange(n)
    for _ in range(_ROUNDS):
        examined = np.concatenate([examined, more])
        found = verify(more, texts, signatures, days, settings, furniture=furniture)
        pairs = Pairs.concat([pairs, found])
        kept = cluster(n, pairs.rows, rank)
        more = unchecked(kept, pairs.rows, examined)
    return pairs.where(np.lexsort((pairs.b, pairs.a))), kept


def number_sources(names: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """A number for each different name, -1 for none; int64 [n]."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) if name else -1 for name in names], np.int64)
