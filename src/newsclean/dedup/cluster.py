"""Verified pairs to clusters that do not chain.

Owns: which documents go together. Must not know: texts, why two documents match.

Every member matches its cluster's kept document directly: a second story that shares half with one copy and half with
another joins neither through the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from newsclean.dedup.candidates import each_once
from newsclean.kernels import pairs as matching


def cluster(n: int, pairs: npt.NDArray[np.int64], priority: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The row of each document's kept document, int64 [n]; kept documents point to themselves.

    pairs: int64 [pairs, 2], matching rows; priority: int64 [n], each rank once. In that order, a document not yet taken
    is kept and takes those of its matches that are free.
    """
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    starts = np.searchsorted(both[:, 0], np.arange(n + 1))
    centres: npt.NDArray[np.int64] = matching.assign(np.argsort(priority), starts, np.ascontiguousarray(both[:, 1]))
    return centres


def unchecked(
    kept: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64], examined: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Pairs worth verifying next, int64 [pairs, 2], i < j, sorted: a document and the kept one of a match of its own.

    kept: as from `cluster`; pairs: matching rows; examined: pairs verified before, matching or not. A hot bucket gives
    star edges, and those may miss the document that is kept in the end.
    """
    x, y = pairs[kept[pairs[:, 0]] != kept[pairs[:, 1]]].T
    wanted = np.concatenate([np.stack([x, kept[y]]), np.stack([y, kept[x]]), np.stack([kept[x], kept[y]])], axis=1)
    low, high = wanted.min(axis=0), wanted.max(axis=0)
    n = len(kept)
    keys = each_once((low * n + high)[low < high])
    keys = np.setdiff1d(keys, examined[:, 0] * n + examined[:, 1], assume_unique=True)
    return np.stack([keys // n, keys % n], axis=1)
