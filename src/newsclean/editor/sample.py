"""The documents that a rule is tried on.

Owns: which documents of an input these are. Must not know: rules in the making.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from newsclean.cleaning import clean_batch
from newsclean.cleaning.work import site_of
from newsclean.errors import InputError
from newsclean.formats import FieldNames, find_sources, parse, read_blocks
from newsclean.report.sample import Reservoir
from newsclean.rules.load import load_rules
from newsclean.rules.model import RuleBook
from newsclean.text import Document

_SIZE = 200
_READ = 20_000  # documents of which the sample is drawn: no long wait for a large dump


@dataclass(frozen=True, eq=False)
class Sample:
    """Documents, how many they were drawn from, and the packaged rules, under which the user's are laid."""

    documents: list[Document]
    read: int
    packaged: RuleBook

    @cached_property
    def languages(self) -> list[str]:
        """Of each document, as given or detected."""
        return clean_batch(self.documents, self.packaged).languages

    @cached_property
    def scopes(self) -> list[tuple[str, int]]:
        """The site and language files that documents fall under, with their number, the commonest first."""
        sites = Counter(f"site/{site}" for site in map(site_of, self.documents) if site)
        languages = Counter(f"lang/{language}" for language in self.languages if language)
        return [*sites.most_common(20), *languages.most_common(20)]


def read_sample(inputs: Sequence[str | Path], fields: FieldNames) -> Sample:
    """At most _SIZE documents, by chance but the same each time. Raises InputError where there are none."""
    chosen, read, why = Reservoir[Document](_SIZE), 0, "holds no document"
    for block in read_blocks(find_sources(inputs), fields):
        batch = parse(block, fields)
        why = str(batch.rejected[0]) if batch.rejected else why
        for document in batch.documents:
            chosen.add(document)
        read += len(batch.documents)
        if read >= _READ:
            break
    if not chosen.items:
        raise InputError(why, file=inputs[0])
    return Sample(chosen.items, read, load_rules())
