"""Signatures to candidate pairs: sort-based locality-sensitive hashing, one band at a time.

Owns: which documents are worth comparing. Must not know: texts, relations, what counts as a copy.

Band keys are sorted, a few bands at a time, so memory grows with documents and pairs, not with the number of bands, and the
result does not depend on the order of input. LSH: Indyk and Motwani, 1998; bands: Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", 3.4.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.kernels import minhash

_MERGED = 1 << 20  # pairs


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

    def met(band: Band) -> npt.NDArray[np.int64]:
        keys, values = band_keys(band, signatures)
        rows = by_time if band.of == "digest" else worded
        ours = keys[rows]
        order = np.argsort(ours)
        minhash.sort_ties(ours, order)
        pairs = _pairs(keys, rows[order], times, window, values, settings)
        return pairs[:, 0] * n + pairs[:, 1]

    found, fresh = np.zeros(0, np.int64), [np.zeros(0, np.int64)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # sorting and the loops release the lock
        for pairs in threads.map(met, bands_of(settings)):
            fresh.append(pairs)
            if sum(map(len, fresh)) > max(len(found), _MERGED):  # so that few pairs are sorted often
                found, fresh = each_once(np.concatenate([found, *fresh])), []
    found = each_once(np.concatenate([found, *fresh]))
    return np.stack([found // max(n, 1), found % max(n, 1)], axis=1)


def each_once(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The numbers, from 0 on, sorted in place and each once. np.unique hashes since NumPy 2.3: 4.7 s for 6 million, this 0.2."""
    values.sort()
    return values[np.diff(values, prepend=-1) != 0]


class Band(NamedTuple):
    """Values first to last of the signature of the whole text or the lead; neither: the digest of the words.

    Texts without words have no key but the digest.
    """

    of: str
    first: int = 0
    last: int = 0


def bands_of(settings: DedupSettings) -> Iterator[Band]:
    """Every band by which two texts may meet."""
    yield Band("digest")
    for of, (bands, size) in (("full", settings.bands), ("lead", settings.lead_bands)):
        for band in range(bands):
            yield Band(of, band * size, band * size + size)


def band_keys(band: Band, signatures: Signatures) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """The keys of a band, uint64 [n], and the signatures they come from, uint32 [n, permutations]."""
    if band.of == "digest":
        return signatures.digest, signatures.full
    values = signatures.full if band.of == "full" else signatures.lead
    return _mixed(values[:, band.first : band.last]), values


def every_key(signatures: Signatures, settings: DedupSettings) -> npt.NDArray[np.uint64]:
    """The keys of all bands, uint64 [n, bands], in the order of `bands_of`."""
    keys = [signatures.digest[:, None]]
    for values, (bands, size) in ((signatures.full, settings.bands), (signatures.lead, settings.lead_bands)):
        keys.append(_mixed(values[:, : bands * size].reshape(len(values), bands, size)))
    return np.concatenate(keys, axis=1)


def _mixed(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """64 bits of the values along the last axis."""
    keys = np.zeros(values.shape[:-1], np.uint64)
    for place in range(values.shape[-1]):
        keys = (keys ^ values[..., place]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


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
