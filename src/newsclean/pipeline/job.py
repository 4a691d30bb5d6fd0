"""What a run is asked to do, and how to tell two runs apart.

Owns: the choices that decide what comes out. Must not know: how anything is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from newsclean.dedup.settings import DedupSettings
from newsclean.formats import FieldNames, Source
from newsclean.profile import Profile
from newsclean.rules.model import RuleBook

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with every block. Without rules nothing is cleaned."""

    fields: FieldNames = field(default_factory=FieldNames)
    rules: RuleBook | None = None
    settings: DedupSettings = field(default_factory=DedupSettings)
    appended: str = "drop"
    shape: bool = True
    profile: Profile | str | None = None
    """What sites repeat: from a file, AUTO for what the input itself repeats, or None."""
    all_relations: bool = False
    """Pairs that are partial copies or of one template are listed as well."""
    offsets: bool = False
    """Pairs tell where in the texts they are alike, and where not."""
    sweep: tuple[float, ...] = ()
    """Other thresholds of which run.json tells what they would collapse."""

    @property
    def known_profile(self) -> Profile | None:
        """The profile, once the input has been counted."""
        assert self.profile != AUTO
        return self.profile if isinstance(self.profile, Profile) else None


def describe(command: str, job: Job, sources: Sequence[Source]) -> dict[str, Any]:
    """What a run is: two with the same description give the same files."""
    return {
        "newsclean": version("newsclean"),
        "command": command,
        "settings": {
            "appended": job.appended, "shape": job.shape, "profile": _told(job.profile), "fields": asdict(job.fields),
            "all_relations": job.all_relations, "offsets": job.offsets, "sweep": list(job.sweep),
            "dedup": _plain(asdict(job.settings)),
        },
        "rules": job.rules.fingerprint if job.rules else None,
        "inputs": [
            {
                "file": source.address, "name": source.name, "partition": dict(source.partition),
                "bytes": source.size, "modified": source.modified,
            }
            for source in sources
        ],
    }


def _told(profile: Profile | str | None) -> str | None:
    return profile.fingerprint if isinstance(profile, Profile) else profile


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """With lists for tuples, as it will be when read back from a file."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
