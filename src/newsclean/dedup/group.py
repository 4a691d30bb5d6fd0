"""Documents to clusters of copies: the stages in order.

Owns: the order of stages, and the second look at pairs that only hot buckets kept apart. Must not know: files, how
texts are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsclean import marked
from newsclean.dedup.candidates import candidates
from newsclean.dedup.cluster import cluster, unchecked
from newsclean.dedup.days import days as days_of
from newsclean.dedup.furniture import FetchTexts, Furniture, find_furniture
from newsclean.dedup.keep import after_updates, known, priority
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures, sign
from newsclean.dedup.verify import COPIES, Pairs, verify
from newsclean.text import Document, TextColumn

_SHOWN = 50  # copies in a notebook
ROUNDS = 3  # of verifying; from the second on, what the clusters of the one before bring together


@dataclass(frozen=True, slots=True)
class Cluster:
    """Copies of one story."""

    kept: Document
    members: list[Document]
    """Every copy; the kept one first, the others in the order of preference."""

    def _repr_html_(self) -> str:
        """For notebooks: who carried the story, when, and how long it was there; the kept document below."""
        rows = (
            (member.id, member.source or member.site or "", member.published or "", f"{len(member.text):,}")
            for member in self.members[:_SHOWN]
        )
        table = marked.table_html(("id", "source", "published", "characters"), rows)
        more = len(self.members) - _SHOWN
        rest = f"<p>and {more:,} more</p>" if more > 0 else ""
        return marked.notebook_html(table, rest, marked.lines_html(self.kept.text))


def dedup(documents: Sequence[Document], settings: DedupSettings | None = None) -> list[Cluster]:
    """The documents as clusters of copies, singletons too, ordered by their kept documents' place in `documents`."""
    settings = settings or DedupSettings()
    texts = TextColumn.from_texts(document.text for document in documents)
    signatures = sign(texts, settings)
    days = days_of(document.published for document in documents)
    rank = rank_documents(documents, signatures, days, settings)
    sources = number_sources([document.source or document.site for document in documents])
    _, kept = group(signatures, texts.take, days, rank, settings, sources)
    members: dict[int, list[Document]] = {row: [] for row in np.unique(kept).tolist()}
    for row in np.lexsort((rank, kept)).tolist():
        members[int(kept[row])].append(documents[row])
    return [Cluster(documents[row], copies) for row, copies in members.items()]


def rank_documents(
    documents: Sequence[Document], signatures: Signatures, days: npt.NDArray[np.float64], settings: DedupSettings
) -> npt.NDArray[np.int64]:
    """`keep.priority` of documents; how many removals one had is told by its field of that name."""
    return priority(
        settings,
        ids=[document.id for document in documents],
        days=days,
        words=signatures.words,
        digest=signatures.digest,
        fields=np.array([known(document) for document in documents], np.int32),
        removals=np.array([len(document.extra.get("removals", ())) for document in documents], np.int32),
        origins=[(document.source, document.site) for document in documents],
    )


def group(
    signatures: Signatures,
    texts: FetchTexts,
    days: npt.NDArray[np.float64] | None,
    rank: npt.NDArray[np.int64],
    settings: DedupSettings,
    sources: npt.NDArray[np.int64] | None = None,
    *,
    all_relations: bool = False,
) -> tuple[Pairs, npt.NDArray[np.int64]]:
    """The verified pairs, sorted by rows, and the row of each document's kept document (int64 [n]).

    texts: fetches the texts of rows; rank: see `keep.priority`; sources: int64 [n], equal for documents of one source,
    below 0 where it is not known; all_relations: the pairs hold partial copies and templates as well.
    """
    met = candidates(signatures, days, settings, rank)
    furniture = None if sources is None else find_furniture(met, texts, signatures, sources, settings)
    return settle(met, texts, signatures, days, rank, settings, furniture, all_relations=all_relations)


def settle(
    met: npt.NDArray[np.int64],
    texts: FetchTexts,
    signatures: Signatures,
    days: npt.NDArray[np.float64] | None,
    rank: npt.NDArray[np.int64],
    settings: DedupSettings,
    furniture: Furniture | None = None,
    settled: npt.NDArray[np.int64] | None = None,
    decided: Pairs | None = None,
    *,
    all_relations: bool = False,
) -> tuple[Pairs, npt.NDArray[np.int64]]:
    """`group` from its candidate pairs on.

    settled: int64 [n], the row of the kept document of those whose cluster stands already, -1 for the others. The kept
    ones among them must rank before all that are not settled; no two settled documents are compared. decided: pairs that
    are verified in another way.
    """
    n = len(signatures)
    settled = np.full(n, -1) if settled is None else settled
    stands, member = settled >= 0, (settled >= 0) & (settled != np.arange(n))
    pairs, more = decided or Pairs.none(), met
    examined = pairs.rows
    for _ in range(ROUNDS):
        examined = np.concatenate([examined, more])
        found = verify(more, texts, signatures, days, settings, furniture=furniture, all_relations=all_relations)
        pairs = Pairs.concat([pairs, found])
        copies = pairs.rows[pairs.relation <= COPIES]
        free = copies[~member[copies].any(axis=1)]
        kept = cluster(n, free, rank)
        if settings.updates == "keep-last" and furniture is not None:
            open_to = np.where(stands[kept], -1, furniture.sources)  # a document that stands is kept for good
            kept = cluster(n, free, after_updates(rank, kept, days, signatures.digest, open_to))
        kept[member] = settled[member]
        more = unchecked(kept, copies, examined)
        more = more[~stands[more].all(axis=1)]
        if not len(more):
            break
    return pairs.where(np.lexsort((pairs.b, pairs.a))), kept


def number_sources(names: Sequence[str | None]) -> npt.NDArray[np.int64]:
    """A number for each different name, -1 for none; int64 [n]."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) if name else -1 for name in names], np.int64)
