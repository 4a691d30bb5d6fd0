"""Signatures from and to datasketch, for those who keep theirs in its `MinHashLSH`, in Redis or elsewhere.

Owns: what of a `LeanMinHash` can be compared with ours. Must not know: files, how documents are placed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.errors import UsageError
from newsclean.index.archive import Archive
from newsclean.index.place import SIGNATURE_ONLY, Arrivals
from newsclean.text import TextColumn

_SCHEME = "affine32"


def sketches(archive: Archive, settings: DedupSettings) -> Iterator[tuple[str, Any]]:
    """The id and the `datasketch.LeanMinHash` of each document that has not expired."""
    from datasketch import LeanMinHash

    for segment in archive.segments:
        ids, values = segment.texts("id"), segment["full"]
        for part in (segment.dated, segment.undated):
            for row in range(part.start, part.stop):
                yield ids[row], LeanMinHash(seed=settings.seed, hashvalues=values[row], scheme=_SCHEME)


def sketched(minhashes: Iterable[tuple[str, Any]], settings: DedupSettings) -> Arrivals:
    """Documents of which only the id and a `datasketch.MinHash` or `LeanMinHash` are known.

    Raises UsageError for one that was made with other permutations than ours.
    """
    ids, values = [], []
    ours = settings.permutations, settings.seed, _SCHEME
    for name, minhash in minhashes:
        theirs = len(minhash.hashvalues), minhash.seed, minhash.scheme
        if theirs != ours:
            told = "{!r}: the MinHash has {} values, seed {}, scheme {}, this index {}, {}, {}; add the text instead"
            raise UsageError(told.format(name, *theirs, *ours))
        ids.append(name)
        values.append(np.asarray(minhash.hashvalues, np.uint32))
    n = len(ids)
    full = np.array(values, np.uint32).reshape(n, settings.permutations)
    digests = [int.from_bytes(hashlib.blake2b(row.tobytes(), digest_size=8).digest(), "little") for row in full]
    signatures = Signatures(
        full=full,
        lead=np.full_like(full, 0xFFFFFFFF),  # as of no words: no text with words meets it by its lead
        words=np.full(n, SIGNATURE_ONLY, np.int32),
        digest=np.array(digests, np.uint64),
        broken=np.zeros(n, np.bool_),
    )
    none = TextColumn.from_bytes([b""] * n)
    return Arrivals(ids, none, np.full(n, np.nan), np.zeros(n, np.uint32), signatures, np.arange(n))
