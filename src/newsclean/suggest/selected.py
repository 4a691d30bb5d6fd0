"""A rule for what a person selected in a document.

Owns: which way of matching fits the place of the selection in its line. Must not know: pages, files. Counts, guesses, examples
and layout are those of a draft from a dump.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from newsclean.errors import UsageError
from newsclean.fold import fold
from newsclean.rules.check import CLOSE, OPEN, failing_examples
from newsclean.rules.model import ZONES, Rule, RuleBook
from newsclean.suggest.count import Candidate, Count, candidates, prose_of, visible
from newsclean.suggest.draft import entry
from newsclean.suggest.propose import keeps, rule_of

_MOST_LINES = 8
_ALTERED = re.compile(r"⟦U\+[0-9A-F]+⟧")  # how a page shows characters that mislead
# Where in its line a selection stands -> what matches it, what is done, and the class that this mostly is.
_PARTS = {
    "start": ("label", "prefix", "dateline"), "end": ("ending", "suffix", "source"), "inside": ("within", "span", "chrome"),
}  # fmt: skip
_PLAIN = "The bridge opens again on Monday, and nobody in the room would say a word to that."


class Sampled(NamedTuple):
    """A document as far as a draft needs it."""

    text: str
    site: str


def draft_selected(
    selected: str, document: Sampled, sample: Sequence[Sampled], book: RuleBook, scope: str, number: int
) -> str:
    """The TOML of a rule, id `draft-<number>`, for what was selected in a document of a sample.

    One or more whole lines become a rule for lines, or for what stands before their colon; a part of a line one for that part.
    The selection is the `drop` example; the `keep` example is made from the sample's prose, and holds if one does with the
    rules of `book`. Raises UsageError for a selection that does not stand in the text.
    """
    pieces = [piece for line in selected.split("\n") if (piece := visible(_ALTERED.sub("", line)))]
    if not pieces:
        raise UsageError("select some text of a document first")
    if len(pieces) > _MOST_LINES:
        raise UsageError(f"select at most {_MOST_LINES} lines")
    lines = [_line_with(piece, document.text) for piece in pieces]
    where = _where(pieces[0], lines[0]) if len(pieces) == 1 else "whole"
    if where == "whole":
        found = [_candidate(line, document.text, alone=len(lines) == 1) for line in lines]
    else:
        found = [_part(pieces[0], lines[0], where)]
    count = _counted(found, sample, document.site)
    prose = [line for one in sample for line in prose_of(one.text)]
    folded = [f" {fold(line)} " for line in prose]
    made = rule_of(count, number, scope, [*keeps(count, prose, folded), *prose[:3], _PLAIN])
    made = replace(
        made, why="selected in a sample", drop=tuple(dict.fromkeys([*(one.line for one in found), *made.drop]))
    )
    if where != "whole":
        made = _reshaped(made, where, pieces[0])
    elif len(found) > 1:
        made = replace(made, label=(), line=tuple(dict.fromkeys(one.phrase for one in found)))
    return "\n".join(entry(_with_true_keeps(made, book), count)) + "\n"


def _line_with(piece: str, text: str) -> str:
    wanted = " ".join(piece.split())
    for line in map(visible, text.split("\n")):
        if wanted in " ".join(line.split()):
            return line
    raise UsageError(f"{piece[:80]!r} stands in no line of the document: select text that is shown whole")


def _where(piece: str, line: str) -> str:
    if piece == line or piece not in line:  # blanks in other numbers
        return "whole"
    return "start" if line.startswith(piece) else "end" if line.endswith(piece) else "inside"


def _candidate(line: str, text: str, *, alone: bool) -> Candidate:
    """The whole line, or what stands before its colon, as a dump's candidates have it."""
    known = {one.kind: one for one in candidates(text) if one.line == line and one.kind != "ending"}
    label = known.get("label")
    if alone and label and label.value and not label.value.endswith((".", "!", "?", "؟", "۔", "।", "。")):
        return label
    return known.get("line") or Candidate("line", fold(line), line, "", line, "body")


def _part(piece: str, line: str, where: str) -> Candidate:
    at = line.rfind(piece) if where == "end" else line.find(piece)
    marked = f"{line[:at]}{OPEN}{piece}{CLOSE}{line[at + len(piece) :]}"
    return Candidate("ending" if where == "end" else "label", fold(piece), piece, "", marked, "body")


def _counted(found: Sequence[Candidate], sample: Sequence[Sampled], site: str) -> Count:
    """The selection as it comes again in the sample; at least once, where it was selected."""
    keys = {(one.kind, one.key) for one in found}
    count = Count(found[0].kind)
    for document in sample if found[0].key else ():
        same = (one for one in candidates(document.text) if (one.kind, one.key) in keys)
        if again := next(same, None):
            count.add(again, document.site)
    if not count.stories:
        count.add(found[0], site)
    return count


def _reshaped(rule: Rule, where: str, piece: str) -> Rule:
    """The rule for a part of a line, wherever it stands."""
    key, action, cls = _PARTS[where]
    phrases: dict[str, Any] = {"label": (), "ending": (), "within": (), key: (piece,)}
    return replace(rule, action=action, cls=cls, zone=ZONES, drop=rule.drop[:1], value="any", **phrases)


def _with_true_keeps(rule: Rule, book: RuleBook) -> Rule:
    """The rule with one keep example, one that holds if there is any."""
    failed = {example for _, example, _ in failing_examples([rule], book.with_rules([rule]))}
    return replace(rule, keep=(tuple(one for one in rule.keep if one not in failed) or rule.keep)[:1])
