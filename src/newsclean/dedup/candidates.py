"""Signatures to candidate pairs: sort-based locality-sensitive hashing, one band at a time.

Owns: which documents are worth comparing. Must not know: texts, relations, what counts as a copy.

Band keys are sorted, so memory is one key and one row number for each document whatever the number of bands, and the
result does not depend on the order of input. LSH: Indyk and Motwani, 1998; bands: Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", 3.4.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.kernels import minhash


def candidates(
    signatures: Signatures,
    days: npt.NDArray[np.float64] | None,
    settings: DedupSettings,
    rank: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.int64]:
    """Pairs of rows that may be copies, int64 [pairs, 2], i < j, sorted, each once.

    days: float64 [n], days since any fixed date, NaN where unknown; None when no date is known. rank: int64 [n], tells
    apart documents of the same words and time; None for the order of input. Documents without words meet only their
    exact copies.
    """
    n = len(signatures)
    times = np.full(n, np.nan) if days is None else days
    # Rows in an order of their own content: what a hot bucket's star is tied to must not depend on input order.
    by_time = np.lexsort((np.arange(n) if rank is None else rank, signatures.digest, times))
    worded = by_time[signatures.words[by_time] > 0]
    window = np.inf if settings.window is None else settings.window
    found = np.zeros(0, np.int64)
    for keys, rows, values in _bands(signatures, by_time, worded, settings):
        order = rows[np.argsort(keys[rows], kind="stable")]
        pairs = _pairs(keys, order, times, window, values, settings)
        found = np.sort(np.concatenate([found, pairs[:, 0] * n + pairs[:, 1]]))
        found = found[np.diff(found, prepend=-1) > 0]
    return np.stack([found // max(n, 1), found % max(n, 1)], axis=1)


def _bands(
    signatures: Signatures, by_time: npt.NDArray[np.int64], worded: npt.NDArray[np.int64], settings: DedupSettings
) -> Iterator[tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], npt.NDArray[np.uint32]]]:
    """Band keys (uint64 [n]), the rows that take part, and the signatures the keys come from."""
    yield signatures.digest, by_time, signatures.full
    for values, (bands, size) in ((signatures.full, settings.bands), (signatures.lead, settings.lead_bands)):
        for band in range(bands):
            keys = np.zeros(len(signatures), np.uint64)
            for column in range(band * size, band * size + size):
                keys = (keys ^ values[:, column]) * np.uint64(0x9E3779B97F4A7C15)
                keys ^= keys >> np.uint64(29)
            yield keys, worded, values


def _pairs(
    keys: npt.NDArray[np.uint64],
    order: npt.NDArray[np.int64],
    times: npt.NDArray[np.float64],
    window: float,
    values: npt.NDArray[np.uint32],
    settings: DedupSettings,
) -> npt.NDArray[np.int64]:
    out = np.empty((4 * len(order) + 64, 2), np.int64)
    while True:
        found = minhash.bucket_pairs(keys, order, times, window, settings.bucket, values, settings.agree, out)
        if found <= len(out):
            return out[:found]
        out = np.empty((found, 2), np.int64)
