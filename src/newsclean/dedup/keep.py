"""Which copy of a story stays.

Owns: the order of documents by policy. Must not know: signatures, pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.text import Document

_KNOWN = attrgetter("url", "site", "language", "published", "title", "source")
_TENTH = np.log(1.1)


def known(document: Document) -> int:
    """Of how many fields beside the text something is known."""
    return sum(map(bool, _KNOWN(document)))


def priority(
    settings: DedupSettings,
    *,
    ids: Sequence[str],
    days: npt.NDArray[np.float64] | None,
    words: npt.NDArray[np.int32],
    digest: npt.NDArray[np.uint64],
    fields: npt.NDArray[np.int32],
    removals: npt.NDArray[np.int32],
    origins: Sequence[Iterable[str | None]] = (),
) -> npt.NDArray[np.int64]:
    """The rank of each document, int64 [n], each rank once; rank 0 is kept before all others.

    fields: how many are known, see `known`; removals: how many cleaning made; origins: the names under which a document
    may be preferred (source, site). Documents of a preferred source come first, in the order of `settings.prefer`; then
    the policy decides; ties go by id, then by content.
    """
    n = len(ids)
    tie = np.empty(n, np.int64)
    tie[sorted(np.argsort(digest, kind="stable").tolist(), key=ids.__getitem__)] = np.arange(n)  # sorting is stable
    columns = preferences(
        settings, days=days, words=words, fields=fields, removals=removals, origins=origins, places=np.arange(n)
    )
    return np.argsort(np.lexsort((tie, *reversed(columns))))


def preferences(
    settings: DedupSettings,
    *,
    days: npt.NDArray[np.float64] | None,
    words: npt.NDArray[np.int32],
    fields: npt.NDArray[np.int32],
    removals: npt.NDArray[np.int32],
    origins: Sequence[Iterable[str | None]],
    places: npt.NDArray[np.int64],
) -> list[npt.NDArray[Any]]:
    """What `priority` sorts by before ids: columns of n numbers, the first of which decides first. places: in the input."""
    n = len(words)
    earliest = np.full(n, np.inf) if days is None else np.nan_to_num(days, nan=np.inf)
    policy: dict[str, tuple[npt.NDArray[Any], ...]] = {
        "earliest": (earliest,),
        "longest": (-words,),
        "most-complete": (-np.floor(np.log1p(words) / _TENTH), -fields, -words),
        "cleanest": (removals, earliest),
        "first": (places,),
    }
    preferred = np.zeros(n, np.int64)
    if settings.prefer:
        preferred[:] = [_preference(names, settings.prefer) for names in origins]
    return [preferred, *policy[settings.keep]]


def after_updates(
    rank: npt.NDArray[np.int64],
    kept: npt.NDArray[np.int64],
    days: npt.NDArray[np.float64] | None,
    digest: npt.NDArray[np.uint64],
    sources: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """The rank with the last version that a kept document's own source has of it put before it; int64 [n], all different.

    kept: as from `cluster.cluster`; sources: as for `group.group`. A repeat of the same words is no new version, and
    without dates nothing is later.
    """
    ranks = 2 * rank
    if days is None:
        return ranks
    newer = np.flatnonzero((sources >= 0) & (sources == sources[kept]) & (digest != digest[kept]) & (days > days[kept]))
    newer = newer[np.lexsort((-rank[newer], days[newer]))]
    last = dict(zip(kept[newer].tolist(), newer.tolist(), strict=True))  # of each kept document the last one stands
    before, after = np.array(list(last), np.int64), np.array(list(last.values()), np.int64)
    ranks[after] = ranks[before] - 1
    return ranks


def _preference(names: Iterable[str | None], prefer: Sequence[str]) -> int:
    """The place in `prefer` of the first entry that is one of the names, or a domain above one.

    >>> _preference(["Reuters", "www.reuters.com"], ["afp.com", "reuters.com"])
    1
    """
    known = [name.casefold() for name in names if name]
    for place, wanted in enumerate(prefer):
        if any(name == wanted.casefold() or name.endswith("." + wanted.casefold()) for name in known):
            return place
    return len(prefer)
