"""The report of two runs over the same input: what a change of rules or settings did.

Owns: what is different, from the files of both runs. Must not know: how it looks. Removals say it all, exactly: both runs'
offsets refer to the same texts. A first pass keeps two numbers a document; only what changed is read into memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from newsclean.formats import read_results
from newsclean.marked import Mark, lines_html
from newsclean.report.page import render
from newsclean.report.run import read_summary
from newsclean.report.sample import Reservoir, Taken, by_document
from newsclean.report.shown import Shown, pieces_html, within
from newsclean.report.texts import Originals, read_originals

Removal = dict[str, Any]
_LARGEST, _PER_RULE, _PIECES, _MOVED = 60, 2, 12, 100


@dataclass(frozen=True, slots=True)
class Change:
    """One document: the pieces that only the newer run removes, that only the older one did, and that both do."""

    id: str
    lost: list[Removal]
    regained: list[Removal]
    same: list[Removal]

    @property
    def size(self) -> int:
        """Characters that are lost in one run only."""
        return sum(piece["end"] - piece["start"] for piece in (*self.lost, *self.regained))


def compare_page(older: Path, newer: Path) -> str:
    """What is different in the run in `newer` as one HTML page."""
    runs = [read_summary(older), read_summary(newer)]
    changes = sorted(_changes(older, newer), key=lambda change: (-change.size, change.id))
    examples = _examples(changes)
    originals = read_originals(newer, runs[1], {change.id for change in examples})
    if originals.missing:
        originals = read_originals(older, runs[0], {change.id for change in examples})
    lost, regained = _pieces(changes, "lost"), _pieces(changes, "regained")
    return render(
        "compare.html",
        run=runs[1],
        runs=runs,
        names=[_name(older), _name(newer)],
        same_input=_inputs(runs[0]) == _inputs(runs[1]),
        settings=_settings(*runs),
        classes=_classes(*runs),
        rules=_rules(older, newer),
        changed=len(changes),
        pieces=[("Newly removed", "del", lost), ("Newly kept", "ins", regained)],
        documents=list(within(_show(change, originals) for change in examples)),
        missing=originals.missing,
        moved=_moved(older, newer),
    )


def _name(folder: Path) -> str:
    return folder.name or str(folder)


def _inputs(run: dict[str, Any]) -> list[Any]:
    """What tells whether two runs read the same: sizes, for paths may differ."""
    return [entry["bytes"] for entry in run["inputs"]]


def _changes(older: Path, newer: Path) -> Iterator[Change]:
    """The documents of which the runs removed different parts."""
    before, after = _spans(older), _spans(newer)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    old, new = ({t.id: t.removals for t in _taken(folder) if hash(t.id) in changed} for folder in (older, newer))
    for name in old.keys() | new.keys():
        ours, theirs = new.get(name, []), old.get(name, [])
        lost, regained = list(subtract(ours, theirs)), list(subtract(theirs, ours))
        if lost or regained:
            yield Change(name, lost, regained, list(subtract(ours, lost)))


def _taken(folder: Path) -> Iterator[Taken]:
    return by_document(read_results(folder, "removals"))


def _spans(folder: Path) -> dict[int, int]:
    """A number for each document that lost anything, and one for the spans it lost."""
    return {hash(taken.id): hash(tuple((r["start"], r["end"]) for r in taken.removals)) for taken in _taken(folder)}


def subtract(removals: Sequence[Removal], others: Sequence[Removal]) -> Iterator[Removal]:
    """The parts of removals, each with its text, that no other covers. Both are disjoint and in order.

    >>> removal = {"start": 2, "end": 9, "text": "cdefghi"}
    >>> [part["text"] for part in subtract([removal], [{"start": 0, "end": 3}, {"start": 5, "end": 6}])]
    ['de', 'ghi']
    """
    first = 0
    for removal in removals:
        at = removal["start"]
        while first < len(others) and others[first]["end"] <= at:
            first += 1
        n = first
        while n < len(others) and others[n]["start"] < removal["end"]:
            yield from _part(removal, at, others[n]["start"])
            at = max(at, others[n]["end"])
            n += 1
        yield from _part(removal, at, removal["end"])


def _part(removal: Removal, start: int, end: int) -> Iterator[Removal]:
    text = removal["text"][start - removal["start"] : end - removal["start"]] if start < end else ""
    if text.strip():
        yield {**removal, "start": start, "end": end, "text": text}


def _examples(changes: Sequence[Change]) -> list[Change]:
    """Those with the largest differences, and some of every rule that changed anything; the largest first."""
    chosen = {change.id: change for change in changes[:_LARGEST]}
    rules: dict[str, Reservoir[Change]] = {}
    for change in changes:
        for piece in (*change.lost, *change.regained):
            rules.setdefault(piece["rule"], Reservoir(_PER_RULE)).add(change)
    chosen |= {change.id: change for kept in rules.values() for change in kept.items}
    return sorted(chosen.values(), key=lambda change: (-change.size, change.id))


def _show(change: Change, originals: Originals) -> Shown:
    """The document with what is lost now struck through, what is kept now underlined, what goes in both runs struck faintly."""
    states = (
        (change.lost, "", "del", "newly removed"),
        (change.regained, "", "ins", "newly kept"),
        (change.same, " same", "del", "removed by both"),
    )
    removals = sorted((r for pieces, *_ in states for r in pieces), key=lambda r: r["start"])
    marks = sorted(
        Mark(r["start"], r["end"], r["class"] + state, f"{told} · {r['class']} · {r['rule']}", tag)
        for pieces, state, tag, told in states
        for r in pieces
    )
    classes = sorted({r["class"] for r in (*change.lost, *change.regained)})
    text = originals.text(change.id, removals)
    if text is None:
        body = pieces_html(marks, [r["text"] for r in removals])
        return Shown(change.id, None, body, classes, change.size, False)
    return Shown(change.id, originals.documents[change.id], Markup(lines_html(text, marks)), classes, change.size)


def _pieces(changes: Sequence[Change], side: str) -> dict[str, Any]:
    """What was lost or regained, by rule: how often, how much, and the texts met most."""
    rules: dict[str, dict[str, Any]] = {}
    for change in changes:
        for piece in getattr(change, side):
            told = rules.setdefault(piece["rule"], {"class": piece["class"], "size": 0, "texts": Counter()})
            told["size"] += piece["end"] - piece["start"]
            told["texts"][piece["text"].strip()] += 1
    return {
        rule: {**told, "count": told["texts"].total(), "texts": told["texts"].most_common(_PIECES)}
        for rule, told in sorted(rules.items(), key=lambda item: (-item[1]["size"], item[0]))
    }


def _rules(older: Path, newer: Path) -> list[tuple[str, str, int | None, int | None]]:
    """Rules with other counts than before: name, class, removals in the older and the newer run; None: no such rule."""
    old, new = ({r["rule"]: r for r in read_results(folder, "rules")} for folder in (older, newer))
    rows = []
    for name in old.keys() | new.keys():
        counts = [run[name]["removals"] if name in run else None for run in (old, new)]
        if counts[0] != counts[1]:
            rows.append((name, (new.get(name) or old[name])["class"], counts[0], counts[1]))
    return sorted(rows, key=lambda row: (-abs((row[3] or 0) - (row[2] or 0)), row[0]))


def _classes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Characters removed by class in both runs, the largest difference first."""
    names = old["removals"].keys() | new["removals"].keys()
    rows = [(name, *(run["removals"].get(name, {"characters": 0})["characters"] for run in (old, new))) for name in names]
    return sorted(rows, key=lambda row: (-abs(row[2] - row[1]), row[0]))


def _settings(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """What the runs were asked to do differently."""
    before, after = (
        {"version": run["newsclean"], "rules": run["rules"], **run["settings"], **run["settings"]["dedup"], "dedup": None}
        for run in (old, new)
    )
    return [(key, before.get(key), after[key]) for key in after if before.get(key) != after[key]]


def _moved(older: Path, newer: Path) -> list[tuple[str, int, list[tuple[str, str]]]]:
    """Documents that are copies in one run only, each with what it is a copy of."""
    columns = ["id", "kept_id"]
    old, new = ({str(r["id"]): str(r["kept_id"]) for r in read_results(f, "duplicates", columns)} for f in (older, newer))
    sides = (("Copies now, kept before", new, old), ("Kept now, copies before", old, new))
    return [
        (title, len(these.keys() - those.keys()), [(n, kept) for n, kept in these.items() if n not in those][:_MOVED])
        for title, these, those in sides
    ]
