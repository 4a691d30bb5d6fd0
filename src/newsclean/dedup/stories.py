"""Which texts of a stream tell a story not yet seen: near-duplicates told in one pass, in memory that does not grow.

Owns: the keys under which copies meet, and the memory of those seen. Must not know: files, what is counted by stories.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import sign
from newsclean.text import TextColumn

_SLOTS = 1 << 22  # keys remembered: those of the last 160,000 stories
_BANDS, _ROWS = 25, 5  # texts that share half of their shingles meet in a band


def story_keys(texts: TextColumn, groups: npt.NDArray[np.uint64] | None = None) -> npt.NDArray[np.uint64]:
    """uint64 [n, bands]: copies share one of them or more. Texts without words have zeros.

    groups: uint64 [n]; texts of different groups do not meet, however alike.
    """
    signed = sign(texts, DedupSettings())
    rows = signed.full[:, : _BANDS * _ROWS].astype(np.uint64).reshape(-1, _BANDS, _ROWS)
    keys = np.full(rows.shape[:2], 0x9E3779B97F4A7C15, np.uint64) * np.arange(1, _BANDS + 1, dtype=np.uint64)
    if groups is not None:
        keys ^= groups[:, None]
    for row in range(_ROWS):
        keys = (keys ^ rows[:, :, row]) * np.uint64(0xFF51AFD7ED558CCD)
        keys ^= keys >> np.uint64(32)
    keys[signed.words == 0] = 0
    return keys


class Stories:
    """Tells copies of a story from stories not yet seen, in bounded memory: of old ones it forgets."""

    def __init__(self) -> None:
        self._seen = np.zeros(_SLOTS, np.uint64)

    def fresh(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """bool [n]: neither a near-duplicate of an earlier text nor without words; keys: as from `story_keys`."""
        slots = (keys >> np.uint64(20)) % np.uint64(_SLOTS)
        fresh: npt.NDArray[np.bool_] = np.any(keys, axis=1)
        for n in np.flatnonzero(fresh).tolist():
            fresh[n] = not (self._seen[slots[n]] == keys[n]).any()
            self._seen[slots[n]] = keys[n]
        return fresh
