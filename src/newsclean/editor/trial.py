"""What rules in the making do: to their own examples, and to the sample.

Owns: the trial of one draft. Must not know: HTTP, how it looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from newsclean.cleaning import CleanedBatch, clean_column, pattern_costs
from newsclean.cleaning.work import host_of, site_of
from newsclean.editor.folder import RuleFolder
from newsclean.editor.sample import Sample
from newsclean.errors import RuleError, UsageError
from newsclean.rules.check import CheckReport, check_book
from newsclean.rules.load import load_rules
from newsclean.rules.model import Rule, RuleBook, RulePack
from newsclean.suggest.selected import Sampled, draft_selected
from newsclean.text import TextColumn

_PATIENCE = 2.0  # seconds for the patterns of the file on the sample


@dataclass(frozen=True, slots=True)
class Told:
    """One rule of the file: what it took from the sample, which of its examples fail, what its patterns cost."""

    rule: Rule
    removals: int
    characters: int
    documents: int
    failing: dict[str, str]  # example -> what is wrong
    cost: tuple[int, float] | None  # lines its patterns were tried on, seconds


@dataclass(frozen=True)
class Trial:
    """problems: as `rules check` would print them. Without `batch`, the rules could not be tried on the sample."""

    scope: str
    problems: list[str]
    rules: list[Told] = field(default_factory=list)
    batch: CleanedBatch | None = None
    seconds: float = 0.0
    order: list[int] = field(default_factory=list)  # the documents, those that lost something to these rules first
    applies: int = 0  # documents that the file is for
    touched: int = 0  # documents it took something from


def problems_of(folder: RuleFolder, scope: str, text: str, sample: Sample) -> list[str]:
    """All that `newsclean rules check` would say of the folder if `text` were saved."""
    with folder.drafted(scope, text) as copy:
        try:
            book = load_rules([copy], under=sample.packaged)
            return _at_home(check_book(book, copy).problems, copy, folder)
        except RuleError as error:
            return _at_home(error.problems, copy, folder)


def try_rules(folder: RuleFolder, scope: str, text: str, sample: Sample) -> Trial:
    """The draft on its examples and on the sample.

    Only packs that can act here are compiled, which keeps up with typing; saving checks with all.
    """
    with folder.drafted(scope, text) as copy:
        try:
            book = _relevant(load_rules([copy], under=sample.packaged), sample, copy)
        except RuleError as error:
            return Trial(scope, _at_home(error.problems, copy, folder))
        checked = check_book(book, copy)
        problems = _at_home(checked.problems, copy, folder)
        rules = [rule for rule in book.rules if rule.scope == scope and rule.origin.startswith(str(copy))]
    texts = TextColumn.from_texts(document.text for document in sample.documents)
    costs = pattern_costs(texts, sample.documents, book, _PATIENCE, {rule.name for rule in rules})
    if sum(seconds for _, seconds in costs.values()) > _PATIENCE:
        slowest = max(costs, key=lambda name: costs[name][1])
        return Trial(scope, [*problems, f"{slowest}: its pattern is too slow to be tried on the sample"])
    start = perf_counter()
    batch = clean_column(texts, sample.documents, book)
    seconds = perf_counter() - start
    return _told(scope, problems, checked, rules, book, batch, costs, seconds)


def draft_rule(folder: RuleFolder, scope: str, text: str, sample: Sample, document: int, selected: str) -> str:
    """A rule for what was selected in a document of the sample, as TOML to be set below `text`."""
    if not 0 <= document < len(sample.documents):
        raise UsageError("no such document")
    with folder.drafted(scope, text) as copy:
        try:
            book = load_rules([copy], under=sample.packaged)
        except RuleError:  # a draft can be had while the file is not in order
            book = sample.packaged
        book = _relevant(book, sample, copy)
    number = next(n for n in range(1, len(text) + 2) if f"draft-{n}" not in text)
    texts = [Sampled(one.text, site_of(one)) for one in sample.documents]
    return draft_selected(selected, texts[document], texts, book, scope, number)


def _told(
    scope: str, problems: list[str], checked: CheckReport, rules: Sequence[Rule], book: RuleBook, batch: CleanedBatch,
    costs: dict[str, tuple[int, float]], seconds: float,
) -> Trial:  # fmt: skip
    names = {rule.name for rule in rules}
    removals, characters, documents = Counter[str](), Counter[str](), Counter[str]()
    lost = [0] * len(batch)
    for i in range(len(batch)):
        mine = [removal for removal in batch.removals(i) if removal.rule in names]
        read = batch.read_by(i) & names
        lost[i] = sum(len(removal.text) for removal in mine) + len(read)
        removals.update([*(removal.rule for removal in mine), *read])
        documents.update({*(removal.rule for removal in mine), *read})
        for removal in mine:
            characters[removal.rule] += len(removal.text)
    failing: dict[str, dict[str, str]] = {}
    for rule, example, why in checked.failing:
        failing.setdefault(rule.name, {})[example] = why
    told = [
        Told(rule, removals[n], characters[n], documents[n], failing.get(n, {}), costs.get(n))
        for rule in rules
        if (n := rule.name)
    ]
    applies = [
        scope in book.scopes(batch.languages[i], book.site_scope(host_of(document))) for i, document in enumerate(batch.documents)
    ]
    order = sorted(range(len(batch)), key=lambda i: (-lost[i], not applies[i], i))
    return Trial(scope, problems, told, batch, seconds, order, sum(applies), sum(map(bool, lost)))


def _relevant(book: RuleBook, sample: Sample, folder: Path) -> RuleBook:
    """The book without the rules of languages that neither the sample is in nor the folder is about.

    Their words stay: they decide which language a text is in.
    """
    wanted = {f"lang/{language}" for language in sample.languages}
    wanted |= {f"lang/{path.stem}" for path in folder.glob("lang/*.toml")}
    return RuleBook({
        scope: pack if not scope.startswith("lang/") or scope in wanted
        else RulePack(scope, words=pack.words, dates=pack.dates, origin=pack.origin)
        for scope, pack in book.packs.items()
    })  # fmt: skip


def _at_home(problems: Sequence[str], copy: Path, folder: RuleFolder) -> list[str]:
    """Problems with the places they have in the user's folder."""
    return [problem.replace(str(copy), str(folder.shown)) for problem in problems]
