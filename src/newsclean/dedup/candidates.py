"""Signatures to candidate pairs: sort-based locality-sensitive hashing, one band at a time.

Owns: which documents are worth comparing. Must not know: texts, relations, what counts as a copy.

Band keys are sorted, a few bands at a time, so memory grows with documents and pairs, not with the number of bands, and the
result does not depend on the order of input. Signatures are read from first to last, once for each band. LSH: Indyk and
Motwani, 1998; bands: Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", 3.4; bytes of values: Li and König,
"b-Bit Minwise Hashing", 2010.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.kernels import minhash

_Array = npt.NDArray[Any]

_MERGED = 1 << 20  # pairs
_ROWS = 1 << 14  # whose signatures are in memory at a time: 8 MB


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
    by_time = np.lexsort((np.arange(n) if rank is None else rank, signatures.digest, times)).astype(np.uint32)
    places = np.empty(n, np.uint32)
    places[by_time] = np.arange(n, dtype=np.uint32)
    times = times[by_time]
    window = np.inf if settings.window is None else settings.window

    def met(values: str) -> Iterator[npt.NDArray[np.int64]]:
        sketches = np.empty(getattr(signatures, values).shape, np.uint8)
        for part, kept in _parts(signatures, values, sketches):
            kept[:] = part & 0xFF

        def met_in(band: Band) -> npt.NDArray[np.int64]:
            entries = _sorted_entries(band, signatures, places)
            pairs = _pairs(entries, by_time, times, window, sketches, settings)
            return pairs[:, 0] * n + pairs[:, 1]

        with ThreadPoolExecutor(os.cpu_count()) as threads:  # sorting and the loops release the lock
            yield from threads.map(met_in, (band for band in bands_of(settings) if band.values == values))

    found, fresh = np.zeros(0, np.int64), [np.zeros(0, np.int64)]
    for pairs in chain(met("full"), met("lead")):
        fresh.append(pairs)
        if sum(map(len, fresh)) > max(len(found), _MERGED):  # so that few pairs are sorted often
            found, fresh = each_once(np.concatenate([found, *fresh])), []
    found = each_once(np.concatenate([found, *fresh]))
    return np.stack(np.divmod(found, max(n, 1)), axis=1)


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

    @property
    def values(self) -> str:
        """The signature that tells whether two texts met in this band by accident."""
        return "lead" if self.of == "lead" else "full"


def bands_of(settings: DedupSettings) -> Iterator[Band]:
    """Every band by which two texts may meet."""
    yield Band("digest")
    for of, (bands, size) in (("full", settings.bands), ("lead", settings.lead_bands)):
        for band in range(bands):
            yield Band(of, band * size, band * size + size)


def band_keys(band: Band, signatures: Signatures) -> npt.NDArray[np.uint64]:
    """The keys of a band, uint64 [n]."""
    if band.of == "digest":
        return signatures.digest
    keys = np.empty(len(signatures), np.uint64)
    for part, made in _parts(signatures, band.values, keys):
        minhash.mix(part, band.first, band.last, made)
    return keys


def every_key(signatures: Signatures, settings: DedupSettings) -> npt.NDArray[np.uint64]:
    """The keys of all bands, uint64 [n, bands], in the order of `bands_of`."""
    return np.stack([band_keys(band, signatures) for band in bands_of(settings)], axis=1)


def _sorted_entries(band: Band, signatures: Signatures, places: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """What is sorted to find equal keys, uint64: of each row the place, in as many low bits as that takes, below its key."""
    bits = np.uint64(len(places).bit_length())
    entries = band_keys(band, signatures)
    entries = np.right_shift(entries, bits, out=None if band.of == "digest" else entries)
    entries <<= bits
    entries |= places
    if band.of != "digest" and not signatures.words.all():
        entries = entries[signatures.words > 0]
    entries.sort()
    return entries


def met_by_key(
    keys: npt.NDArray[np.uint64], times: npt.NDArray[np.float64], settings: DedupSettings
) -> npt.NDArray[np.int64]:
    """Pairs of rows that share a key of one band, int64 [pairs, 2], each once, whatever their signatures.

    keys, times: [n], in the order in which `candidates` has those of one key.
    """
    rows = np.arange(len(keys), dtype=np.uint32)
    bits = np.uint64(len(rows).bit_length())
    entries = (keys >> bits << bits) | rows
    entries.sort()
    window = np.inf if settings.window is None else settings.window
    return _pairs(entries, rows, times, window, np.zeros((len(rows), 0), np.uint8), replace(settings, agree=0))


def _parts(signatures: Signatures, values: str, made: _Array) -> Iterator[tuple[_Array, _Array]]:
    """The signatures "full" or "lead" of some thousand rows at a time, with their part of what is made of them.

    What is mapped from files is in memory for so long only.
    """
    for start in range(0, len(made), _ROWS):
        yield getattr(signatures, values)[start : start + _ROWS], made[start : start + _ROWS]
        signatures.release()


def _pairs(
    entries: npt.NDArray[np.uint64],
    rows: npt.NDArray[np.uint32],
    times: npt.NDArray[np.float64],
    window: float,
    sketches: npt.NDArray[np.uint8],
    settings: DedupSettings,
) -> npt.NDArray[np.int64]:
    bits = len(rows).bit_length()
    out = np.empty((4 * len(entries) + 64, 2), np.int64)
    while True:
        found = minhash.bucket_pairs(entries, bits, rows, times, window, settings.bucket, sketches, settings.agree, out)
        if found <= len(out):
            return out[:found].copy()
        out = np.empty((found, 2), np.int64)
