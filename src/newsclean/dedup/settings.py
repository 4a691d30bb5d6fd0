"""What a user may choose about near-duplicates, with the reasons for the defaults.

Owns: the numbers that decide. Must not know: how anything is computed.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from newsclean.errors import UsageError

KEEP = ("earliest", "longest", "most-complete", "cleanest", "first")
UPDATES = ("policy", "keep-last")


@dataclass(frozen=True, slots=True)
class DedupSettings:
    """One default configuration for every language; `fingerprint` tells two apart."""

    keep: str = "earliest"
    """Which copy stays: earliest; longest (most words); most-complete (of the longest to within a tenth, the one of which
    most is known: title, date, source ...); cleanest (fewest removals, then earliest); first (input order)."""
    prefer: tuple[str, ...] = ()
    """Sources or sites whose copy stays before any other, best first."""
    updates: str = "policy"
    """What becomes of a later version of a story by the same source: as `keep` says (policy), or it stays (keep-last)."""
    window: float | None = 2.0
    """Copies are at most so many days apart, where both dates are known. None: dates do not matter."""

    permutations: int = 128
    seed: int = 1
    bands: tuple[int, int] = (64, 2)
    """Bands and rows of the signature of the whole text: the cheapest by which 97 of 100 labelled copies meet in every set.

    A document costs bands * key + pairs * compare. To compare two texts takes as long as to make and sort some 150 keys, so
    bands may be many, if only they bring few pairs. Measured by `benchmarks/bands.py`."""
    lead_bands: tuple[int, int] = (42, 3)
    """Bands and rows of the signature of the lead, which finds a short copy of a long text: one or two copies more of 100."""
    lead_words: int = 70
    agree: int = 5
    """Signatures that agree in fewer values met by accident: at Jaccard 0.1 one pair in 250 is lost."""
    bucket: int = 30
    """A bucket with more documents gives star edges instead of all pairs, so that a template does not cost n squared."""
    broken_rate: float = 0.005
    """Above this share of words mended at line breaks a text is compared by characters: old prints, PDF columns."""

    furniture: int = 3
    """A sentence or line in so many documents of one source, and ..."""
    furniture_share: float = 0.1
    """... in this share of them, is furniture and does not count in comparisons, ..."""
    body: float = 0.1
    """... unless less than this share of the text, or fewer than `shared` words, would be left: copies, not pages."""
    covered: float = 0.75
    """A copy: this share of the shorter text stands in runs of three words that the other text has too; ..."""
    reworded: float = 0.67
    """... or this share, if at most ..."""
    reworded_names: int = 3
    """... so many names of each text are missing from the other: follow-ups share their background, not their news."""
    characters: float = 0.6
    """The share for broken texts, in runs of five characters; nothing else is asked of them."""
    shared: int = 40
    """At least so many of these words stand outside quotation marks: two reports of one speech are two stories. ..."""
    short_jaccard: float = 0.7
    """... Texts too short for that need this Jaccard index."""
    short: int = 130
    """Below so many words the template guard is on ..."""
    dense: float = 0.15
    """... and where numbers are more than this share of the words."""
    names: int = 1
    """Template guard: at most so many names of each text are missing from the other. ..."""
    replaced: int = 2
    """In scripts without capitals: at most so many words of each text have another word in their place, if ..."""
    equal: float = 0.9
    """... this share of the text is equal: copies that are reworded put one word for another too; and ..."""
    numbers: float = 0.8
    """... this share of the numbers of the text that has fewer are in the other, ..."""
    correction: int = 60
    """... but one name or number in so many words may differ: the later copy mends it."""
    near: float = 0.5
    """Jaccard from which two copies are `near`; below, one contains the other."""
    partial: int = 60
    """Shared words outside quotation marks from which two different stories are listed as `partial`."""

    def __post_init__(self) -> None:
        for name, known in (("keep", KEEP), ("updates", UPDATES)):
            if getattr(self, name) not in known:
                raise UsageError(f"{name} {getattr(self, name)!r} is not known; choose from {', '.join(known)}")

    def fingerprint(self) -> str:
        """16 hexadecimal digits that change with any setting."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:16]
