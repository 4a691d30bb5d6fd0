"""Sorted posting lists: which rows of an index share a key with a text, within a range of rows.

Owns: binary search, and the rule for keys that a great many rows share. Must not know: files, what a key stands for.
Every function is compiled; arrays in, arrays out.

A posting is one uint64, its key in the upper half and the row in the lower, so one sorted array answers both "which rows
have this key" and "which of them stand in this range" by binary search.
"""

from __future__ import annotations

from numba import int64, njit, uint64

from newsclean.kernels.minhash import agree_in, first_from


@njit(nogil=True, cache=True)
def _first(postings, key, row, low):  # type: ignore[no-untyped-def]
    """The place of the first posting from `low` on that is not below (key, row)."""
    return first_from(postings, uint64(key) << uint64(32) | uint64(row), low)


@njit(nogil=True, cache=True)
def find(postings, keys, first, last, out):  # type: ignore[no-untyped-def]
    """Where each key's rows within [first, last) begin and end in `postings`.

    postings: uint64 [rows]; keys: uint32 [keys]; out: int64 [keys, 2] (out).
    """
    for q in range(keys.shape[0]):
        out[q, 0] = _first(postings, keys[q], first, 0)
        out[q, 1] = _first(postings, keys[q], last, out[q, 0])


@njit(nogil=True, cache=True)
def meet(postings, stored, keys, signatures, ranges, cap, agree, out):  # type: ignore[no-untyped-def]
    """Pairs (query, row) that share a key in one of the bands, to `out` (int64 [room, 2]); returns how many there are.

    postings: uint64 [bands, rows]; stored: uint32 [rows, permutations], the signatures the keys were made from; keys:
    uint32 [queries, bands]; signatures: uint32 [queries, permutations]; ranges: int64 [queries, 4], two ranges of rows
    that are in reach of each query. Of more than `cap` rows only the first and the last count, and pairs whose signatures
    agree in fewer than `agree` values are left out, as in `minhash.bucket_pairs`. A pair may come several times. Where
    `out` is too short, call again with more room.
    """
    found = 0
    for band in range(postings.shape[0]):
        for q in range(keys.shape[0]):
            for part in range(0, 4, 2):
                if ranges[q, part] >= ranges[q, part + 1]:
                    continue
                low = _first(postings[band], keys[q, band], ranges[q, part], 0)
                high = _first(postings[band], keys[q, band], ranges[q, part + 1], low)
                step = 1 if high - low <= cap else high - low - 1
                for at in range(low, high, step):
                    row = int64(postings[band, at] & uint64(0xFFFFFFFF))
                    if agree_in(stored[row], signatures[q], agree):
                        if found < out.shape[0]:
                            out[found, 0], out[found, 1] = q, row
                        found += 1
    return found
