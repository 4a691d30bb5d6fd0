"""Apply a RuleBook to documents: what goes, by which rule, and how to get it back.

Owns: `clean`, for one, many and columns. Must not know: files, duplicates, how a rule was written. No I/O. In reading order: work
(the steps), reading, patterns, decide and repeated (what goes), assemble (what stays), result (what users see).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence

import numpy as np

from newsclean.cleaning.patterns import time_patterns
from newsclean.cleaning.reading import Scope, scanned
from newsclean.cleaning.repeated import RULE as REPEATED
from newsclean.cleaning.result import CleanedBatch, CleanResult, Removal
from newsclean.cleaning.work import Work
from newsclean.kernels.suspects import suspects
from newsclean.lines import Lines
from newsclean.profile import Profile
from newsclean.rules.compile import CompiledRules
from newsclean.rules.load import load_rules
from newsclean.rules.model import RuleBook
from newsclean.shape import RULES as SHAPES
from newsclean.text import Document, Repair, TextColumn, repair

__all__ = [
    "CleanResult",
    "CleanedBatch",
    "Removal",
    "clean",
    "clean_batch",
    "clean_column",
    "compile_rules",
    "line_table",
    "pattern_costs",
]


def clean(
    text: str | Document,
    rules: RuleBook | None = None,
    *,
    appended: str = "drop",
    shape: bool = True,
    profile: Profile | None = None,
) -> CleanResult:
    """Clean one document.

    rules: a book from `load_rules`; the packaged one by default. appended: "drop" an appended second story, or "split" it
    off into `CleanResult.appended`, where it can be cleaned in turn. shape: find the story of a whole page by its shape.
    profile: what the document's site repeats, as from `load_profile`.

    >>> result = clean("Ministers meet in Oslo\\n\\nTags: summit, Norway\\n\\nThe ministers of nine countries met in Oslo on "
    ...     "Friday to agree on a common price for the power that they sell to each other.")
    >>> [(removal.rule, removal.text) for removal in result.removals]
    [('lang/en:tags', 'Tags: summit, Norway')]
    """
    document = text if isinstance(text, Document) else Document(text)
    return clean_batch([document], rules, appended=appended, shape=shape, profile=profile)[0]


def clean_batch(
    documents: Sequence[Document],
    rules: RuleBook | None = None,
    *,
    appended: str = "drop",
    shape: bool = True,
    profile: Profile | None = None,
) -> CleanedBatch:
    """Clean many documents at once; the same result for each as `clean` gives.

    Raises ValueError for an `appended` that is neither "drop" nor "split".
    """
    texts = TextColumn.from_texts(document.text for document in documents)
    return clean_column(texts, documents, rules, appended=appended, shape=shape, profile=profile)


def clean_column(
    given: TextColumn,
    documents: Sequence[Document],
    rules: RuleBook | None = None,
    *,
    appended: str = "drop",
    shape: bool = True,
    profile: Profile | None = None,
) -> CleanedBatch:
    """The same for texts in a column; `documents` tell what else is known of each, their own texts are not looked at."""
    if appended not in ("drop", "split"):
        raise ValueError(f"appended is 'drop' or 'split', not {appended!r}")
    compiled = compile_rules(rules or load_rules())
    texts, repairs = _repaired(given)
    work = Work(documents, texts, compiled, shape=shape, profile=profile)
    work.run()
    names = (*compiled.names, *(SHAPES[number] for number in sorted(SHAPES)), REPEATED)
    return CleanedBatch(
        documents,
        given,
        texts,
        work.cleaned,
        work.languages,
        names,
        *work.rows(),
        work.flags(repairs),
        repairs,
        appended == "split",
    )


def pattern_costs(
    given: TextColumn,
    documents: Sequence[Document],
    rules: RuleBook,
    limit: float,
    names: Collection[str] | None = None,
) -> dict[str, tuple[int, float]]:
    """By rule with a pattern (of `names`, if given): on how many lines of the documents it is tried, and the seconds that takes.

    Processor time. Rules of phrases are not in it: all phrases of all rules are found in one search. Ends after `limit` seconds.
    """
    compiled = compile_rules(rules)
    texts, _ = _repaired(given)
    work = Work(documents, texts, compiled, shape=False)
    scope = work.begin()
    hits = scanned(texts, work.lines, scope)
    wanted = [number for number, name in enumerate(compiled.names) if names is None or name in names]
    found = time_patterns(texts, work.lines, hits, compiled, scope.active, scope.profile, wanted, limit)
    return {compiled.names[number]: cost for number, cost in found.items()}


def line_table(given: TextColumn) -> tuple[TextColumn, Lines]:
    """The texts and lines of documents as cleaning sees them."""
    texts, _ = _repaired(given)
    lines = Lines.empty(texts)
    scanned(texts, lines, Scope(_no_rules(), np.zeros((1, 0), np.uint8), np.zeros(len(texts), np.int64)))
    return texts, lines


@functools.lru_cache(maxsize=8)
def compile_rules(book: RuleBook) -> CompiledRules:
    """The compiled form of a book, made once."""
    return CompiledRules(book)


@functools.cache
def _no_rules() -> CompiledRules:
    return CompiledRules(RuleBook({}))


def _repaired(given: TextColumn) -> tuple[TextColumn, dict[int, tuple[Repair, ...]]]:
    found = np.zeros(len(given), np.bool_)
    suspects(given.data, given.offsets, found)
    if not found.any():
        return given, {}
    mended: dict[int, bytes] = {}
    repairs: dict[int, tuple[Repair, ...]] = {}
    for i in np.flatnonzero(found).tolist():
        text, done = repair(given[i])
        if done:
            mended[i], repairs[i] = text.encode(), done
    return given.replaced(mended), repairs
