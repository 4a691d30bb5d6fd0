"""Rule suggestions: what a dump repeats, as a draft of a rule file.

Owns: the two looks at the dump, and for which documents the draft is. Must not know: what a candidate is (count), how it
becomes a rule (propose), how a draft is written (draft).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from newsclean.cleaning import clean_batch
from newsclean.cleaning.work import site_of
from newsclean.dedup.stories import Stories, story_keys
from newsclean.formats import FieldNames, Source, find_sources, parse, read_again, read_blocks
from newsclean.rules.model import RuleBook
from newsclean.suggest.count import Count, Sketch, count
from newsclean.suggest.draft import draft
from newsclean.suggest.propose import propose

__all__ = ["Suggestions", "suggest"]

_MOSTLY = 0.9


class Suggestions(NamedTuple):
    """A draft: the text of a rule file, the scope it is for, and what it was made from."""

    toml: str
    scope: str
    rules: int
    stories: int
    documents: int
    rejected: list[str]
    """What could not be read, as `file:line: why`."""


class _Story(NamedTuple):
    text: str
    site: str
    language: str


def suggest(inputs: Sequence[str | Path], rules: RuleBook, fields: FieldNames | None = None) -> Suggestions:
    """Propose rules for what `rules` leave standing in a dump, which is read twice: standard input is copied to disk.

    Near-duplicates count as one story, the first. Raises InputError for inputs that do not exist.
    """
    with read_again(find_sources(inputs)) as sources:
        return _suggest(sources, rules, fields or FieldNames())


def _suggest(sources: Sequence[Source], rules: RuleBook, fields: FieldNames) -> Suggestions:
    sketch, sites, languages = Sketch(), Counter[str](), Counter[str]()
    documents, rejected = 0, list[str]()
    for block in _stories(sources, rules, fields, rejected):
        documents += len(block)
        for story in filter(None, block):
            sketch.add(story.text)
            sites[story.site] += 1
            languages[story.language] += 1
    counts: dict[tuple[str, str], Count] = {}
    for block in _stories(sources, rules, fields, []):
        for story in filter(None, block):
            count(counts, story.text, story.site, sketch)
    frequent = [found for found in counts.values() if found.stories >= sketch.least]
    scope = _scope(sites, languages)
    proposed = propose(frequent, sketch.prose, rules, scope)
    text = draft(proposed, documents, sketch.stories, scope)
    return Suggestions(text, scope, len(proposed), sketch.stories, documents, rejected)


def _stories(
    sources: Sequence[Source], rules: RuleBook, fields: FieldNames, rejected: list[str]
) -> Iterator[list[_Story | None]]:
    """Block by block the cleaned documents, None for copies of stories seen before."""
    seen = Stories()
    for block in read_blocks(sources, fields):
        read = parse(block, fields)
        rejected += map(str, read.rejected)
        documents = read.documents
        if not documents:
            continue
        batch = clean_batch(documents, rules, shape=False)
        fresh = seen.fresh(story_keys(batch.texts)).tolist()
        yield [
            _Story(batch.texts[i], site_of(document), batch.languages[i]) if fresh[i] else None
            for i, document in enumerate(documents)
        ]


def _scope(sites: Counter[str], languages: Counter[str]) -> str:
    """The narrowest rule file that nearly all stories fall under."""
    for kind, names in (("site", sites), ("lang", languages)):
        for name, number in names.most_common(1):
            if name and not any(map(str.isspace, name)) and number >= _MOSTLY * names.total():
                return f"{kind}/{name}"
    return "base"
