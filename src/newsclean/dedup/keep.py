"""Which copy of a story stays.

Owns: the order of documents by policy. Must not know: signatures, pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings


def priority(
    settings: DedupSettings,
    *,
    ids: Sequence[str],
    days: npt.NDArray[np.float64] | None,
    words: npt.NDArray[np.int32],
    digest: npt.NDArray[np.uint64],
    origins: Sequence[Iterable[str | None]] = (),
) -> npt.NDArray[np.int64]:
    """The rank of each document, int64 [n], each rank once; rank 0 is kept before all others.

    origins: for each document the names under which it may be preferred (source, site). Documents of a preferred source
    come first, in the order of `settings.prefer`; then the policy decides; ties go by id, then by content.
    """
    n = len(ids)
    tie = np.empty(n, np.int64)
    tie[sorted(range(n), key=lambda row: (ids[row], digest[row]))] = np.arange(n)
    policy = {
        "earliest": np.full(n, np.inf) if days is None else np.nan_to_num(days, nan=np.inf),
        "longest": -words.astype(np.int64),
        "first": np.arange(n),
    }[settings.keep]
    preferred = np.zeros(n, np.int64)
    if settings.prefer:
        preferred[:] = [_preference(names, settings.prefer) for names in origins]
    return np.argsort(np.lexsort((tie, policy, preferred)))


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
