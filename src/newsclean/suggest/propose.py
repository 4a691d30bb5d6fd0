"""From counts to rules that hold: which candidates become rules, in what words, with which examples.

Owns: the choice, the guesses (class, zone, value), the examples and their trial. Must not know: files, how counts were
made. Every rule is tried as `rules check` would; examples that fail are left out, rules without proof too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from newsclean.fold import fold
from newsclean.rules.check import failing_examples
from newsclean.rules.model import Rule, RuleBook
from newsclean.suggest.count import Count, visible

_MOST = 60  # rules of a draft: more than that nobody reads
_NEARLY_ALL = 0.95
_SENTENCES = 0.1  # share of values that may read like sentences: above that the label opens quotations
_DROPS, _KEEPS = 3, 2


def propose(counts: Sequence[Count], prose: Sequence[str], book: RuleBook, scope: str) -> list[tuple[Rule, Count]]:
    """Rules for the most frequent candidates, each with its count, the most frequent first.

    prose: sentences of the dump, of which `keep` examples are made. scope: that of the file to be, such as `lang/ar`.
    """
    chosen = list(_chosen(counts))
    folded = [f" {fold(line)} " for line in prose]
    drafts = [
        (rule_of(count, number, scope, keeps(count, prose, folded)), count) for number, count in enumerate(chosen, 1)
    ]
    return _proven(drafts, book)


def _chosen(counts: Sequence[Count]) -> Iterator[Count]:
    """What a rule is worth: no label of sentences, and no line that the rule for its label takes already."""
    ranked = sorted(counts, key=lambda count: (-count.stories, count.kind, _phrase(count)))
    labels: set[str] = set()
    for count in ranked:
        if count.kind == "label":
            # One value over and over is a whole line; no value at all, too.
            varied = len(count.examples) > 1 and count.alone <= _NEARLY_ALL * count.stories
            if varied and count.sentences <= _SENTENCES * count.stories:
                labels.add(_phrase(count))
    taken = 0
    for count in ranked:
        phrase = _phrase(count)
        head = re.split("[:：]", phrase)[0].rstrip() + ":"
        wanted = phrase in labels if count.kind == "label" else head not in labels or count.kind == "ending"
        if wanted and taken < _MOST:
            taken += 1
            yield count


def _phrase(count: Count) -> str:
    """The commonest spelling."""
    return min(count.spellings, key=lambda spelling: (-count.spellings[spelling], spelling))


def rule_of(count: Count, number: int, scope: str, keep: Sequence[str]) -> Rule:
    """The rule for one candidate; `number` is part of its id."""
    phrase = _phrase(count)
    slug = re.sub(r"[^a-z0-9]+", "-", phrase.lower()).strip("-") if phrase.isascii() else ""
    name = "-".join(filter(None, ("draft", str(number), slug[:30].strip("-"))))
    drops = [line for line in count.examples if len(line) <= 200][:_DROPS]
    made = Rule(
        scope, name, _guess_class(count), f"found in {count.stories:,} stories of a dump", zone=_zone(count),
        drop=tuple(drops), keep=tuple(keep), origin="draft",
    )  # fmt: skip
    if count.kind == "label":
        long = any(len(value) > 100 for value in count.examples.values())
        return replace(made, label=(phrase,), value="any" if long else "short")
    if count.kind == "ending":
        return replace(made, ending=(phrase,), action="suffix")
    return replace(made, line=(phrase,))


def _zone(count: Count) -> tuple[str, ...]:
    """The narrowest zone that nearly all occurrences stand in."""
    for zones in (("tail",), ("head",), ("head", "tail")):
        if sum(count.zones[zone] for zone in (*zones, "both")) >= _NEARLY_ALL * count.stories:
            return zones
    return ("head", "body", "tail")


def _guess_class(count: Count) -> str:
    if count.kind != "label":
        return "source" if count.kind == "ending" else "chrome"
    values = [value for value in count.examples.values() if value]
    if sum(len(re.findall("[,،;؛、|#]", value)) > 1 for value in values) * 2 > len(values):
        return "tags"
    if sum(any(char.isdigit() for char in value) for value in values) * 2 > len(values):
        return "date"
    return {"tail": "source", "head": "byline"}.get(_zone(count)[0], "related")


def keeps(count: Count, prose: Sequence[str], folded: Sequence[str]) -> list[str]:
    """Sentences of the dump that hold the phrase, then one that begins with its words and goes on as a sentence does."""
    phrase = _phrase(count)
    key = f" {fold(phrase)} "
    found = [visible(line) for line, words in zip(prose, folded, strict=True) if key in words][:4]
    letters = visible("".join(" " if unicodedata.category(c)[0] == "P" else c for c in phrase))
    bare = " ".join(letters.split())
    sentence = (
        visible(prose[0])
        if prose
        else "was what the oldest of them said, and nobody in the room would say a word to that."
    )
    made = f"{phrase.strip('. ')} {sentence}" if count.kind == "ending" else f"{bare} {sentence}"
    return [*found, made]


def _proven(drafts: list[tuple[Rule, Count]], book: RuleBook) -> list[tuple[Rule, Count]]:
    """The rules less the examples that fail, until none fails."""
    while True:
        whole = book.with_rules(rule for rule, _ in drafts)
        failed = {(rule.id, example) for rule, example, _ in failing_examples([rule for rule, _ in drafts], whole)}
        if not failed:
            return [(replace(rule, keep=rule.keep[:_KEEPS]), count) for rule, count in drafts]
        kept = []
        for rule, count in drafts:
            drop = tuple(example for example in rule.drop if (rule.id, example) not in failed)
            keep = tuple(example for example in rule.keep if (rule.id, example) not in failed)
            if drop and keep:
                kept.append((replace(rule, drop=drop, keep=keep), count))
        drafts = kept
