"""What happened in a run, counted: the contents of run.json and rules.jsonl.

Owns: the counts and how they add up. Must not know: how anything was found.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from newsclean.cleaning.repeated import CLASS as REPEATED_CLASS
from newsclean.cleaning.repeated import RULE as REPEATED
from newsclean.rules.model import RuleBook
from newsclean.shape import CLASS as SHAPE_CLASS
from newsclean.shape import RULES as SHAPES

TOP_SITES, SLOWEST = 50, 10


@dataclass(slots=True)
class Tally:
    """Counts over documents that can be added up in any order.

    read: documents, split (off others), too_short (for a shingle: copies of their equals only), rejected, bytes
    (decompressed), characters. removed, characters: by class, removals and the characters they took; rules, rule_characters:
    the same by rule. languages, sites, flags: documents. given: characters that came in, by GROUP and name; taken: characters
    removed, by GROUP, class and name; the parts of a key are joined by tabs. tried, nanoseconds: by rule, lines
    on which its patterns were tried and what that took, in a sample of documents, of which read["timed"] tells the number.
    """

    read: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    rule_characters: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    nanoseconds: Counter[str] = field(default_factory=Counter)

    def count_removals(self, removals: Sequence[tuple[str, str, int]], language: str, site: str, given: int) -> None:
        """Count the removals (class, rule, characters) of one document of `given` characters."""
        self.read["characters"] += given
        self.given[f"language\t{language}"] += given
        self.given[f"site\t{site}"] += given
        for cls, rule, size in removals:
            self.removed[cls] += 1
            self.characters[cls] += size
            self.rules[rule] += 1
            self.rule_characters[rule] += size
            self.taken[f"language\t{cls}\t{language}"] += size
            self.taken[f"site\t{cls}\t{site}"] += size

    def count_costs(self, costs: Mapping[str, tuple[int, float]], documents: int) -> None:
        """Count what `cleaning.pattern_costs` found in so many documents."""
        self.read["timed"] += documents
        for rule, (lines, seconds) in costs.items():
            self.tried[rule] += lines
            self.nanoseconds[rule] += round(seconds * 1e9)

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
            "too_short": tally.read["too_short"],
            **counts,
            "rejected": tally.read["rejected"],
        },
        "removals": removed,
        "rules_used": ranked(tally.rules),
        "languages": ranked(tally.languages),
        "sites": ranked(tally.sites, TOP_SITES),
        "flags": ranked(tally.flags),
        "characters": {
            "input": tally.read["characters"],
            "by_language": _sizes(tally, "language", tally.languages),
            "by_site": _sizes(tally, "site", tally.sites),
        },
        "slowest_rules": {
            "documents": tally.read["timed"],
            "rules": [
                {"rule": rule, "lines": tally.tried[rule], "microseconds": time // 1000}
                for rule, time in tally.nanoseconds.most_common(SLOWEST)
            ],
        },
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "megabytes_per_second": round(tally.read["bytes"] / 1e6 / max(seconds["total"], 1e-9), 1),
        "peak_memory_bytes": peak,
    }


def _sizes(tally: Tally, group: str, documents: Counter[str]) -> dict[str, dict[str, Any]]:
    """Characters that came in and that each class took, by the languages or sites with most documents."""
    sizes: dict[str, dict[str, Any]] = {
        name: {"input": tally.given[f"{group}\t{name}"], "removed": {}} for name in ranked(documents, TOP_SITES)
    }
    for key, size in ranked(tally.taken).items():
        kind, cls, name = key.split("\t", 2)
        if kind == group and name in sizes:
            sizes[name]["removed"][cls] = size
    return sizes


def rule_records(book: RuleBook, tally: Tally) -> Iterator[dict[str, Any]]:
    """Every rule of a run with what it took, the busiest first; those that never fired too."""
    known = [(rule.name, rule.cls, rule.action, rule.why) for rule in book.rules]
    known += [(name, SHAPE_CLASS, "line", "found by the shape of the page") for name in SHAPES.values()]
    known.append((REPEATED, REPEATED_CLASS, "line", "printed in story after story of the site"))
    for name, cls, action, why in sorted(known, key=lambda rule: (-tally.rules[rule[0]], rule[0])):
        took = {"removals": tally.rules[name], "characters": tally.rule_characters[name]}
        yield {"rule": name, "class": cls, "action": action, "why": why, **took}


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
