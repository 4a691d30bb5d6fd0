"""Proposed rules as a TOML file that a person reads, mends and keeps.

Owns: the layout of the file, quoting. Must not know: how the rules came about.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from newsclean.rules.lint import is_right_to_left
from newsclean.rules.model import ZONES, Rule
from newsclean.suggest.count import Count

_SITES = 4
_SHORT = 100


def draft(proposed: Sequence[tuple[Rule, Count]], documents: int, stories: int, scope: str) -> str:
    """The text of the file."""
    copies = documents - stories
    head = [
        f"# {len(proposed)} rules proposed from {stories:,} stories ({documents:,} documents, {copies:,} of them copies).",
        "# They passed their own examples, and nothing else: read each, delete what is news, mend class and why, and put",
        "# words of your own in place of the examples.",
        f"# To use them: save as rules/{scope}.toml, then newsclean rules check rules",
    ]
    return "\n".join([*head, *(line for rule, count in proposed for line in entry(rule, count))]) + "\n"


def entry(rule: Rule, count: Count) -> Iterator[str]:
    """The lines of one rule, with what it was made from as a comment."""
    places = ", ".join(f"{zone} {number:,}" for zone, number in count.zones.most_common())
    sites = ", ".join(f"{site or 'unknown'} {number:,}" for site, number in count.sites.most_common(_SITES))
    more = f" and {len(count.sites) - _SITES} more" if len(count.sites) > _SITES else ""
    yield ""
    yield f"# {count.stories:,} stories ({places}); sites: {sites}{more}"
    yield from (f"#   {line}" for line in count.examples)
    yield "[[rule]]"
    yield f'id     = "{rule.id}"'
    yield f'class  = "{rule.cls}"   # a guess'
    yield f'why    = "{rule.why}"'
    for key in ("label", "line", "ending", "within"):
        if getattr(rule, key):
            yield from _list(key, getattr(rule, key))
    if rule.label:
        yield f'value  = "{rule.value}"'
    if rule.zone != ZONES:
        yield f"zone   = {json.dumps(list(rule.zone))}"
    if rule.action != "line":
        yield f'action = "{rule.action}"'
    for key in ("drop", "keep"):
        yield from _list(key, getattr(rule, key))


def _list(key: str, texts: Sequence[str]) -> Sequence[str]:
    quoted = [_quoted(text) for text in texts]
    if len(quoted) == 1 or (sum(map(len, quoted)) < _SHORT and sum(map(is_right_to_left, texts)) < 2):
        return [f"{key:6} = [{', '.join(quoted)}]"]
    return [f"{key:6} = [", *(f"  {text}," for text in quoted), "]"]


def _quoted(text: str) -> str:
    """A literal string where TOML can write one, else a basic one, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False) if "'" in text else f"'{text}'"
