"""Whether rules hold what their examples promise, and leave clean texts alone.

Owns: how an example becomes a document, what counts as kept or removed. Must not know: how rules are matched;
it cleans documents like any user of the library, which of `rules` only this module and lint may.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsclean.rules.lint import complaint, lint
from newsclean.rules.load import load_rules, packaged_rules
from newsclean.rules.model import NOT_ARTICLE, Rule, RuleBook, RulePack
from newsclean.text import Document, Span

if TYPE_CHECKING:
    from newsclean.cleaning import CleanedBatch

OPEN, CLOSE = "⟦", "⟧"
# An article in no language, so that its words say nothing: nine paragraphs that read like prose.
_TITLE = "Velan tormik asur belanto"
_PARAGRAPHS = tuple(
    f"{start} mirano velto sarin ubeka torlan isveti, komara belun tasiro venka lumeri oltan dersu hamilo vesk. "
    f"Torani beluka siv arnomel kastiro unvelda morisk, tavelo erkin {end} solbera intu valdemi koresta."
    for start, end in zip(
        ("Asure", "Besko", "Corla", "Delmi", "Ervat", "Forti", "Gelun", "Harek", "Ilmor"),
        ("pasil", "rovum", "sedak", "tilon", "uskar", "vermo", "walit", "xelan", "yorud"),
        strict=True,
    )
)


@dataclass(frozen=True)
class CheckReport:
    """What was tried, and every complaint as one line `path:line: rule 'id': what is wrong`."""

    rules: int
    examples: int
    cases: int
    problems: tuple[str, ...]
    failing: tuple[tuple[Rule, str, str], ...]
    """The examples among the problems: rule, example, what is wrong with it."""


@dataclass(frozen=True)
class _Trial:
    """One document to be cleaned for one rule: `gone` are the spans that must go, within `scope` of the text."""

    rule: Rule
    document: Document
    scope: Span
    gone: tuple[Span, ...]
    kind: str
    shown: str


def check_rules(folder: str | Path | None = None, samples: Sequence[str | Path] = ()) -> CheckReport:
    """Check the packaged rules, or those in `folder`, which are laid over the packaged ones first.

    samples: folders of clean texts, `*.expected.txt`, in which no rule may act, as in the expected texts of the cases.
    Raises RuleError where the files cannot even be loaded.
    """
    book = load_rules([folder]) if folder else load_rules([packaged_rules()], packaged=False)
    return check_book(book, Path(folder) if folder else packaged_rules(), samples)


def check_book(book: RuleBook, root: Path, samples: Sequence[str | Path] = ()) -> CheckReport:
    """Check those rules of a book that come from files under `root`, as `check_rules` does."""
    rules = [rule for rule in book.rules if Path(rule.origin.rpartition(":")[0]).is_relative_to(root)]
    failing = tuple(failing_examples(rules, book))
    problems = [complaint(rule, why) for rule, _, why in failing]
    for rule in rules:
        if rule.action == "protect":
            problems.extend(_check_protect(rule, book))
    problems.extend(lint(rules, book, root))
    problems.extend(_check_clean([path for at in (root, *samples) for path in _expected(Path(at))], rules, book))
    cases = list(_cases(root))
    problems.extend(_check_cases(cases, book))
    examples = sum(len(rule.drop) + len(rule.keep) for rule in rules)
    return CheckReport(len(rules), examples, len(cases), tuple(dict.fromkeys(problems)), failing)


def failing_examples(rules: Sequence[Rule], book: RuleBook) -> Iterator[tuple[Rule, str, str]]:
    """The examples of `rules` that do not hold when all of `book` is at work, as (rule, example, what is wrong)."""
    from newsclean.cleaning import clean_batch

    trials = [trial for rule in rules if rule.action != "protect" for trial in _trials(rule)]
    batch = clean_batch([trial.document for trial in trials], book, shape=False)
    for n, trial in enumerate(trials):
        for why in _judge(trial, batch, n):
            yield trial.rule, trial.shown, why


def _place(rule_scope: str) -> dict[str, Any]:
    """What a record says of a document that is in scope of a rule file."""
    kind, _, name = rule_scope.partition("/")
    if kind == "lang":
        return {"language": name}
    return {"language": "und", "url": f"https://{name}/1"} if kind == "site" else {"language": "und"}


def _trials(rule: Rule) -> Iterator[_Trial]:
    for example in rule.drop:
        text, gone = _unmark(example)
        yield _trial(rule, text, gone, rule.zone[0] if len(rule.zone) < 3 else "body", "drop", example)
    for example in rule.keep:
        for zone in ("head", "body", "tail") if "\n" not in example else ("body",):
            yield _trial(rule, example, (), zone, "keep", example)


def _unmark(example: str) -> tuple[str, tuple[Span, ...]]:
    """The text of an example and what of it must go: what stands between the marks, or everything."""
    if OPEN not in example:
        return example, (Span(0, len(example)),)
    text, gone = "", []
    for piece in example.split(OPEN):
        inside, closed, outside = piece.partition(CLOSE)
        if closed:
            gone.append(Span(len(text), len(text) + len(inside)))
        text += inside + outside
    return text, tuple(gone)


def _trial(rule: Rule, text: str, gone: tuple[Span, ...], zone: str, kind: str, shown: str) -> _Trial:
    """An example set into an article at the place named by the zone; a text of several lines stands for itself."""
    before = {"head": (_TITLE,), "body": (_TITLE, *_PARAGRAPHS[:7]), "tail": (_TITLE, *_PARAGRAPHS)}[zone]
    after = {"head": _PARAGRAPHS, "body": _PARAGRAPHS[1:8], "tail": ()}[zone]
    if "\n" in text.strip("\n") or rule.action == "flag":  # which tells of whole documents
        before = after = ()
    lead = "".join(line + "\n" for line in before)
    document = Document("\n".join([lead + text, *after]), **_place(rule.scope))
    start = len(lead)
    shifted = tuple(Span(start + span.start, start + span.end) for span in gone)
    return _Trial(rule, document, Span(start, start + len(text)), shifted, kind, shown)


def _judge(trial: _Trial, batch: CleanedBatch, n: int) -> Iterator[str]:
    text, name = trial.document.text, trial.rule.name
    removals = batch.removals(n)
    if batch.source[n] != text:
        yield f"the {trial.kind} example would be repaired first: write it mended: {trial.shown!r}"
        return
    removed = _places(text, [Span(r.start, r.end) for r in removals], trial.scope)
    shown = trial.shown if len(trial.shown) < 100 else trial.shown[:97] + "..."
    acting = ", ".join(dict.fromkeys(r.rule for r in removals)) or "no rule"
    if trial.rule.action == "flag":
        if (NOT_ARTICLE in batch.flags(n)) != (trial.kind == "drop"):
            held = "is not flagged" if trial.kind == "drop" else "is flagged"
            yield f"a {trial.kind} example {held}: {trial.shown!r}"
        return
    if trial.kind == "keep":
        if removed:
            yield f"a keep example is not left alone: {acting} takes {_quote(text, removed)} of {shown!r}"
        return
    if trial.rule.action == "field":
        if name not in batch.read_by(n):
            yield f"nothing is read from the drop example {shown!r}"
        return
    wanted = _places(text, trial.gone, trial.scope)
    if name not in {r.rule for r in removals}:
        yield f"a drop example is not its work: {acting} acts on {shown!r}"
    elif removed != wanted:
        wrong = wanted - removed
        what = f"leaves {_quote(text, wrong)}" if wrong else f"takes {_quote(text, removed - wanted)} as well"
        yield f"a drop example is cut wrongly: the rule {what} of {shown!r}"


def _places(text: str, spans: Sequence[Span], within: Span) -> set[int]:
    """The characters inside the spans, blanks aside."""
    return {
        i for span in spans for i in range(max(span.start, within.start), min(span.end, within.end))
        if not text[i].isspace()
    }  # fmt: skip


def _quote(text: str, places: set[int]) -> str:
    return repr("".join(text[i] for i in range(min(places), max(places) + 1))[:80])


def _check_protect(rule: Rule, book: RuleBook) -> Iterator[str]:
    """A protecting rule is proven by a text that other rules would cut without it."""
    from newsclean.cleaning import clean_batch

    packs = dict(book.packs)
    packs[rule.scope] = RulePack(rule.scope, disable=(rule.name,)).over(packs[rule.scope])
    documents = [trial.document for trial in _trials(rule)]
    for document, kept, cut in zip(
        documents,
        clean_batch(documents, book, shape=False),
        clean_batch(documents, RuleBook(packs), shape=False),
        strict=True,
    ):
        if kept.removals:
            yield complaint(rule, f"does not protect {kept.removals[0].text!r}")
        elif document.text in {t.document.text for t in _trials(rule) if t.kind == "drop"} and not cut.removals:
            yield complaint(rule, "protects a text that no rule would remove: the drop example proves nothing")


def _expected(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.expected.txt"))


def _check_clean(paths: Sequence[Path], rules: Sequence[Rule], book: RuleBook) -> Iterator[str]:
    """The rules that act on texts known to be clean: at large, and as if they stood on the site of each site pack."""
    from newsclean.cleaning import clean_batch

    texts = [path.read_text(encoding="utf-8").rstrip("\n") for path in paths]
    sites = sorted({rule.scope for rule in rules if rule.scope.startswith("site/")})
    by_name = {rule.name: rule for rule in rules}
    for url in (None, *(f"https://{scope[5:]}/1" for scope in sites)):
        batch = clean_batch([Document(text, url=url) for text in texts], book, shape=False)
        for n, path in enumerate(paths):
            for removal in batch.removals(n):
                line = batch.source[n].count("\n", 0, removal.start) + 1
                if removal.rule in by_name:
                    yield complaint(
                        by_name[removal.rule], f"takes {removal.text[:80]!r} of the clean text {path}:{line}"
                    )


def _cases(root: Path) -> Iterator[tuple[str, Path, Path]]:
    for folder in sorted(root.rglob("*.cases")):
        scope = folder.relative_to(root).with_suffix("").as_posix()
        for expected in _expected(folder):
            yield scope, expected.with_name(expected.name.replace(".expected.txt", ".txt")), expected


def _check_cases(cases: Sequence[tuple[str, Path, Path]], book: RuleBook) -> Iterator[str]:
    from newsclean.cleaning import clean_batch

    missing = [raw for _, raw, _ in cases if not raw.exists()]
    yield from (f"{raw}:1: the raw text of this case is missing" for raw in missing)
    here = [case for case in cases if case[1].exists()]
    documents = [Document(raw.read_text(encoding="utf-8"), **_place(scope)) for scope, raw, _ in here]
    for (_, raw, expected), result in zip(here, clean_batch(documents, book, shape=False), strict=True):
        want = expected.read_text(encoding="utf-8").rstrip("\n").split("\n")
        have = result.text.split("\n")
        if have != want:
            line = next(
                (n for n, pair in enumerate(zip(have, want, strict=False)) if pair[0] != pair[1]),
                min(len(have), len(want)),
            )
            got = repr(have[line]) if line < len(have) else "the end"
            wanted = repr(want[line]) if line < len(want) else "the end"
            yield f"{expected}:{line + 1}: expected {wanted}, cleaning {raw.name} gives {got}"
