"""What happened in a run, counted: the contents of run.json.

Owns: the counts and how they add up. Must not know: how anything was found.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

TOP_SITES = 50


@dataclass(slots=True)
class Tally:
    """Counts over documents that can be added up in any order.

    read: documents, split (off others), rejected, bytes (decompressed). removed, characters, rules: by class or rule, removals,
    the characters they took, and removals again. languages, sites, flags: documents.
    """

    read: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        for f in fields(self):
            getattr(self, f.name).update(getattr(other, f.name))

    def as_dict(self) -> dict[str, dict[str, int]]:
        """The counts as JSON takes them; `Tally.from_dict` is the way back."""
        return {f.name: dict(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_dict(cls, counts: dict[str, dict[str, int]]) -> Tally:
        return cls(**{name: Counter(values) for name, values in counts.items()})


def report(
    description: dict[str, Any], tally: Tally, counts: dict[str, int], seconds: dict[str, float], peak: int
) -> dict[str, Any]:
    """The contents of run.json. counts: what was written; seconds: by stage; peak: bytes of memory."""
    removed = {name: {"removals": n, "characters": tally.characters[name]} for name, n in ranked(tally.removed).items()}
    return {
        **description,
        "counts": {
            "input": tally.read["documents"] + tally.read["rejected"],
            "split": tally.read["split"],
            **counts,
            "rejected": tally.read["rejected"],
        },
        "removals": removed,
        "rules_used": ranked(tally.rules),
        "languages": ranked(tally.languages),
        "sites": ranked(tally.sites, TOP_SITES),
        "flags": ranked(tally.flags),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "megabytes_per_second": round(tally.read["bytes"] / 1e6 / max(seconds["total"], 1e-9), 1),
        "peak_memory_bytes": peak,
    }


def peak_memory() -> int:
    """The most memory this process has used so far, in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def ranked(counts: Counter[str], most: int | None = None) -> dict[str, int]:
    """Counts by size, then by name, so that equal runs give equal files.

    >>> ranked(Counter({"a": 1, "c": 2, "b": 2}))
    {'b': 2, 'c': 2, 'a': 1}
    """
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most])
