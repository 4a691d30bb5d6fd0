"""New documents beside the archive: which cluster each belongs to.

Owns: laying new documents and those of the archive that they met side by side, so that `dedup` can decide as in one run.
Must not know: files, generations.

A cluster, once told, stands: its name and its kept document never change, and an archived document never joins another.
Among documents that come together the policy decides which one is kept, as in `dedup`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from newsclean.dedup.candidates import candidates
from newsclean.dedup.days import days as days_of
from newsclean.dedup.furniture import Furniture, find_furniture
from newsclean.dedup.group import rank_documents, settle
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures, sign
from newsclean.dedup.verify import NEAR, Pairs
from newsclean.index.archive import Archive
from newsclean.index.segment import hashes
from newsclean.text import Document, TextColumn

SIGNATURE_ONLY = -1
"""The number of words of a document whose text is not there."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """New documents, signed; every field is over the documents."""

    ids: list[str]
    texts: TextColumn
    days: npt.NDArray[np.float64]
    sources: npt.NDArray[np.uint32]
    """A hash of each one's source or site, 0 where unknown."""
    signatures: Signatures
    rank: npt.NDArray[np.int64]
    """See `dedup.keep.priority`."""

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, rows: npt.NDArray[np.int64]) -> Arrivals:
        signatures = Signatures(*(getattr(self.signatures, f.name)[rows] for f in fields(Signatures)))
        ids, texts = [self.ids[row] for row in rows.tolist()], self.texts.take(rows)
        return Arrivals(ids, texts, self.days[rows], self.sources[rows], signatures, self.rank[rows])


def arrive(documents: Sequence[Document], settings: DedupSettings) -> Arrivals:
    """Documents with all that is worked out on them alone."""
    texts = TextColumn.from_texts(document.text for document in documents)
    signatures, days = sign(texts, settings), days_of(document.published for document in documents)
    rank = rank_documents(documents, signatures, days, settings)
    sources = hashes(document.source or document.site for document in documents)
    ids = [document.id for document in documents]
    return Arrivals(ids, texts, days, sources, signatures, rank)


@dataclass(frozen=True, slots=True)
class Recalled:
    """Which arrivals are new. A document is the same as another if id and words are."""

    places: npt.NDArray[np.int64]
    """[n], where each stands in the archive, -1 where it does not."""
    firsts: npt.NDArray[np.int64]
    """[n], the first of the arrivals that is the same."""
    taken: npt.NDArray[np.bool_]
    """[n], a cluster of the archive has its id for a name, or an arrival before it has that id."""

    @property
    def fresh(self) -> npt.NDArray[np.int64]:
        """The rows of those to be placed."""
        return np.flatnonzero((self.places < 0) & (self.firsts == np.arange(len(self.firsts))))


def recall(archive: Archive, arrivals: Arrivals) -> Recalled:
    """Tell the new documents from those that were there, or came, before."""
    n, digests = len(arrivals), arrivals.signatures.digest.tolist()
    places, firsts, taken = np.full(n, -1), np.arange(n), np.zeros(n, np.bool_)
    keys = hashes(arrivals.ids)
    found = archive.find("cluster", keys)
    for (row, _), name in zip(found.tolist(), archive.names("cluster", found[:, 1]), strict=True):
        taken[row] |= name == arrivals.ids[row]
    found = archive.find("id", keys)
    told = found.tolist(), archive.names("id", found[:, 1]), archive.take("digest", found[:, 1]).tolist()
    for (row, there), name, digest in zip(*told, strict=True):
        if name == arrivals.ids[row] and digest == digests[row]:
            places[row] = there
    first: dict[tuple[str, int], int] = {}
    ids: set[str] = set()
    for row, (name, digest) in enumerate(zip(arrivals.ids, digests, strict=True)):
        firsts[row] = first.setdefault((name, digest), row)
        taken[row] |= name in ids
        ids.add(name)
    return Recalled(places, firsts, taken)


@dataclass(frozen=True, slots=True)
class Placement:
    """What was decided on arrivals; every field is over them."""

    kept: npt.NDArray[np.int64]
    """The number of the kept document of each one's cluster; its own where it is kept itself."""
    kept_ids: list[str]
    clusters: list[str]
    """The id of the document that a cluster began with, made unique where ids are not."""
    pairs: Pairs
    """How each relates to its kept document, seen from there; itself to itself for the kept ones."""


def place(
    archive: Archive, new: Arrivals, taken: npt.NDArray[np.bool_], first: int, settings: DedupSettings
) -> Placement:
    """Decide on arrivals, which get the numbers from `first` on; `taken`: see `Recalled`."""
    beside = _meet(archive, new, settings)
    m, n = len(beside.places), len(beside.signatures)
    bare = beside.signatures.words[beside.pairs[:, 0]] == SIGNATURE_ONLY
    pairs, kept = settle(
        beside.pairs[~bare], beside.texts, beside.signatures, beside.days, beside.rank, settings,
        furniture=_furniture(beside, settings), settled=beside.settled, decided=_estimated(beside, beside.pairs[bare], settings),
    )  # fmt: skip
    centres = kept[m:]
    numbers = np.concatenate([beside.numbers, first + np.arange(n - m)])
    ids = [*archive.names("id", beside.places), *new.ids]
    names = [*archive.names("cluster", beside.places), *_cluster_names(new, taken, first)]
    return Placement(
        numbers[centres],
        [ids[row] for row in centres.tolist()],
        [names[row] for row in centres.tolist()],
        pairs.between(np.arange(m, n), centres),
    )


def place_apart(new: Arrivals, taken: npt.NDArray[np.bool_], first: int) -> Placement:
    """Each arrival a cluster of its own; arguments as for `place`."""
    numbers = first + np.arange(len(new))
    return Placement(numbers, new.ids, _cluster_names(new, taken, first), Pairs.none().between(numbers, numbers))


def _cluster_names(new: Arrivals, taken: npt.NDArray[np.bool_], first: int) -> list[str]:
    return [f"{name}~{first + i}" if taken[i] else name for i, name in enumerate(new.ids)]


@dataclass(frozen=True, slots=True)
class _Beside:
    """The documents of the archive that take part, in front, and the arrivals, behind them, as rows of one list."""

    archive: Archive
    new: Arrivals
    places: npt.NDArray[np.int64]
    """Of those in front."""
    numbers: npt.NDArray[np.int64]
    settled: npt.NDArray[np.int64]
    """As for `dedup.group.settle`."""
    days: npt.NDArray[np.float64]
    signatures: Signatures
    """Without their values, which have done their work when candidates are known."""
    pairs: npt.NDArray[np.int64]

    @property
    def rank(self) -> npt.NDArray[np.int64]:
        """Kept documents of the archive first, in the order in which they came; then arrivals; then the archive's copies."""
        stage = np.where(self.settled < 0, 1, np.where(self.settled == np.arange(len(self.settled)), 0, 2))
        ranks: npt.NDArray[np.int64] = np.argsort(np.lexsort((np.concatenate([self.numbers, self.new.rank]), stage)))
        return ranks

    def texts(self, rows: npt.NDArray[np.int64]) -> TextColumn:
        m = len(self.places)
        archived = iter(self.archive.texts("text", self.places[rows[rows < m]]))
        return TextColumn.from_bytes(
            [next(archived) if row < m else self.new.texts.encoded(row - m) for row in rows.tolist()]
        )


def _meet(archive: Archive, new: Arrivals, settings: DedupSettings) -> _Beside:
    met = archive.meet(new.signatures, new.days, settings)
    places = np.unique(met[:, 1])
    # Whoever matches a copy is compared with the kept document too.
    kept = np.unique(archive.take("kept", places)).astype(np.uint32)
    places = np.union1d(places, archive.find("number", kept)[:, 1])
    m = len(places)
    numbers, kept = archive.take("number", places), archive.take("kept", places)
    row_of = {number: row for row, number in enumerate(numbers.tolist())}
    # A copy whose kept document has expired stands in for it.
    settled = np.array([row_of.get(number, row) for row, number in enumerate(kept.tolist())], np.int64)
    pairs = np.stack([np.searchsorted(places, met[:, 1]), m + met[:, 0]], axis=1)
    if len(new) > 1:
        pairs = np.concatenate([pairs, m + candidates(new.signatures, new.days, settings, new.rank)])
    known = {
        n: np.concatenate([archive.take(n, places), getattr(new.signatures, n)]) for n in ("words", "digest", "broken")
    }
    none = np.zeros((m + len(new), 0), np.uint32)
    return _Beside(
        archive, new, places, numbers,
        settled=np.concatenate([settled, np.full(len(new), -1)]),
        days=np.concatenate([archive.take("day", places), new.days]),
        signatures=Signatures(none, none, known["words"], known["digest"], known["broken"].astype(np.bool_)),
        pairs=pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))],
    )  # fmt: skip


def _estimated(beside: _Beside, pairs: npt.NDArray[np.int64], settings: DedupSettings) -> Pairs:
    """The copies among pairs of a document whose signature is all that is known, and an arrival.

    128 values tell Jaccard to within 0.08, nineteen times in twenty, but not a template from a copy: a short text needs
    all of them.
    """
    if not len(pairs):
        return Pairs.none()
    arrivals, places = pairs[:, 1] - len(beside.places), beside.places[pairs[:, 0]]
    alike = (beside.archive.take("full", places) == beside.new.signatures.full[arrivals]).mean(axis=1)
    long = beside.new.signatures.words[arrivals] >= settings.short
    copies = (alike == 1) | (long & (alike >= settings.short_jaccard))
    a, b = pairs[copies].T
    return Pairs(a, b, np.full(len(a), NEAR, np.int8), *[alike[copies]] * 3)


def _furniture(beside: _Beside, settings: DedupSettings) -> Furniture:
    """Furniture is told from the documents that met, out of those their sources printed within reach of the arrivals."""
    archive, new = beside.archive, beside.new
    keys = np.concatenate([archive.take("source", beside.places), new.sources])
    names, sources = np.unique(np.append(keys, np.uint32(0)), return_inverse=True)
    sources = sources[:-1] - 1  # name 0, the first, is the unknown
    reach = np.inf if settings.window is None or np.isnan(new.days).any() else settings.window
    days = np.nan_to_num(new.days)
    low, high = np.min(days - reach, initial=np.inf), np.max(days + reach, initial=-np.inf)
    printed = archive.printed(names[1:], low, high)
    own = sources[len(beside.places) :]
    printed += np.bincount(own[own >= 0], minlength=len(printed))
    return find_furniture(beside.pairs, beside.texts, beside.signatures, sources, settings, printed)
