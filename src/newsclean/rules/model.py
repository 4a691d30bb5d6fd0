"""What a rule is: the nouns Rule, RulePack and RuleBook, and the fixed vocabularies.

Owns: the shape of a rule and which rules apply to which document. Must not know: TOML, files, automata, text columns.
The meaning of every key is told in rules/README.md.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property

from newsclean.fold import SKIP, fold_table

CLASSES = (
    "ticker", "chrome", "date", "byline", "dateline", "source", "caption", "related", "appended", "tags", "share",
    "comment", "subscribe", "ad", "copyright", "id", "embed", "repeated",
)  # fmt: skip
ACTIONS = ("protect", "cut", "block", "line", "prefix", "suffix", "span", "field", "flag")
NOT_ARTICLE = "not-article"  # the flag of documents without a story
ZONES = ("head", "body", "tail")
VALUES = ("none", "short", "any")
FOLLOWS = ("value", "tags", "titles", "rest", "story")
DETECTORS = ("date-line", "headline-run", "repeated-line")
MATCHERS = ("label", "line", "ending", "within", "pattern", "detect")


def has_word(phrase: str) -> bool:
    """Whether a phrase has a letter or digit, and so can be found among words; what has none is a symbol.

    >>> has_word("Source:"), has_word("©")
    (True, False)
    """
    return any(map(is_word, phrase))


@functools.lru_cache(maxsize=4096)
def is_word(char: str) -> bool:
    """Whether a character is a letter or digit to the fold."""
    return bool(fold_table()[ord(char)] > SKIP)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `scope` is the path of its file without the suffix, `origin` the place of its definition (`file:line`)."""

    scope: str
    id: str
    cls: str
    why: str
    label: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    detect: str = ""
    near: tuple[str, ...] = ()
    value: str = "short"
    zone: tuple[str, ...] = ZONES
    max: int = 0
    min: int = 0
    digits: int = 0
    after: int = 0
    action: str = "line"
    follow: str = ""
    most: int = 0
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    origin: str = ""

    @property
    def name(self) -> str:
        """How the rule is reported: `lang/ar:read-also`."""
        return f"{self.scope}:{self.id}"


@dataclass(frozen=True, slots=True)
class RulePack:
    """The contents of one rule file."""

    scope: str
    rules: tuple[Rule, ...] = ()
    disable: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    origin: str = ""

    def over(self, earlier: RulePack) -> RulePack:
        """This pack laid over an earlier one of the same path: rules by id, the rest added."""
        mine = {rule.id for rule in self.rules}
        return RulePack(
            self.scope,
            tuple(rule for rule in earlier.rules if rule.id not in mine) + self.rules,
            (*earlier.disable, *self.disable),
            (*earlier.words, *self.words),
            (*earlier.dates, *self.dates),
            self.origin,
        )


@dataclass(frozen=True, eq=False)
class RuleBook:
    """All packs, layered. `rules` is the order in which rules claim a line: the most specific scope first."""

    packs: dict[str, RulePack] = field(default_factory=dict)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        layers = {"site": 0, "lang": 1, "wire": 2, "base": 3}
        ordered = sorted(self.packs.values(), key=lambda pack: (layers[pack.scope.split("/")[0]], pack.scope))
        return tuple(rule for pack in ordered for rule in pack.rules)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(scope[5:] for scope in self.packs if scope.startswith("lang/")))

    @cached_property
    def fingerprint(self) -> str:
        """Changes when, and only when, what the rules do may change: examples and places do not count."""
        told = {f.name for f in fields(Rule)} - {"why", "drop", "keep", "origin"}
        digest = hashlib.sha256()
        for rule in self.rules:
            digest.update(repr([(name, getattr(rule, name)) for name in sorted(told)]).encode())
        for scope in sorted(self.packs):
            pack = self.packs[scope]
            digest.update(repr((scope, pack.disable, pack.words, pack.dates)).encode())
        return digest.hexdigest()[:16]

    def site_scope(self, host: str) -> str:
        """The site pack for a host: its own, else that of the nearest parent domain, else ''.

        >>> RuleBook({"site/example.org": RulePack("site/example.org")}).site_scope("news.example.org")
        'site/example.org'
        """
        name = host.lower()
        while name:
            if f"site/{name}" in self.packs:
                return f"site/{name}"
            name = name.partition(".")[2]
        return ""

    def scopes(self, language: str, site_scope: str) -> list[str]:
        """The packs that apply to a document, in layers from general to specific."""
        sites = []
        parent = site_scope
        while parent:
            sites.append(parent)
            parent = self.site_scope(parent[5:].partition(".")[2])
        wires = sorted(scope for scope in self.packs if scope.startswith("wire/"))
        names = ["base", *wires, f"lang/{language}", *reversed(sites)]
        return [name for name in names if name in self.packs]

    def active(self, language: str, site_scope: str) -> list[bool]:
        """For each rule of `rules`, whether it applies to documents of this language and site."""
        scopes = self.scopes(language, site_scope)
        disabled = {name for scope in scopes for name in self.packs[scope].disable}
        return [rule.scope in scopes and rule.name not in disabled for rule in self.rules]

    def with_rules(self, rules: Iterable[Rule]) -> RuleBook:
        """This book with more rules, each added to the pack of its scope."""
        packs = dict(self.packs)
        for rule in rules:
            pack = packs.get(rule.scope, RulePack(rule.scope))
            packs[rule.scope] = RulePack(rule.scope, (rule,), origin=pack.origin).over(pack)
        return RuleBook(packs)
