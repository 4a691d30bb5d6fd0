"""The report of one run.

Owns: what it says, from the files of the run. Must not know: how it looks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from newsclean.errors import InputError
from newsclean.formats import FieldNames, read_results
from newsclean.report import charts
from newsclean.report.copies import BINS, LAGS, SIZES, Copies, Likeness
from newsclean.report.page import render
from newsclean.report.sample import Reservoir, Sample, sample_removals
from newsclean.report.shown import Shown, beside, show, within, without
from newsclean.report.texts import Originals, read_originals

_FLAGS, _FLAGGED, _REJECTED, _RULES, _IDLE, _ORIGINS, _FLOWS = 30, 4, 200, 500, 1000, 40, 25
_FLAGS_ROOM, _PAIRS_ROOM = 400_000, 600_000


def read_summary(folder: Path) -> dict[str, Any]:
    """run.json of a folder that `newsclean run` wrote; InputError for any other folder."""
    path = folder / "run.json"
    if not path.exists():
        raise InputError("holds no run.json: name a folder that `newsclean run` wrote", file=folder)
    try:
        summary: dict[str, Any] = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InputError(f"not JSON: {error}", file=path) from None
    if summary.get("command") != "run":
        raise InputError("holds the output of `newsclean dedup`; a report shows that of `newsclean run`", file=folder)
    return summary


def run_page(folder: Path) -> str:
    """The report of the run in `folder` as one HTML page."""
    summary = read_summary(folder)
    copies, flagged = _read_documents(folder, summary)
    largest = list(copies.largest())
    likeness, alike = _read_duplicates(folder, {str(member["id"]) for cluster in largest for member in cluster["members"]})
    pairs = {str(record[side]) for record in likeness.nearest for side in ("id", "kept_id")}
    asked = pairs.union(*flagged.values())
    sample = sample_removals(read_results(folder, "removals"), asked)
    originals = read_originals(folder, summary, asked.union(sample.documents))
    return render(
        "run.html",
        run=summary,
        name=folder.name or str(folder),
        removed=_removed(summary),
        touched=sample.touched,
        rules=_rules(folder, sample),
        flags=_flags(summary, flagged, sample, originals),
        documents=list(within(show(t.id, t.removals, originals) for t in sample.documents.values())),
        missing=originals.missing,
        copies=_copies(summary, copies) | {"largest": largest, "alike": alike},
        likeness=_likeness(summary, likeness, sample, originals),
        rejected=_rejected(folder),
    )  # fmt: skip


def _read_documents(folder: Path, summary: dict[str, Any]) -> tuple[Copies, dict[str, list[str]]]:
    """The copies of all kept documents, and for each flag some ids."""
    fields = FieldNames(**summary["settings"]["fields"])
    key, text, title = (fields.names(role)[0] for role in ("id", "text", "title"))
    copies, flagged = Copies(), dict[str, Reservoir[str]]()
    for record in read_results(folder, "documents", [key, text, title, "copies", "sources", "flags"]):
        about = {"id": str(record[key]), "title": record.get(title), "text": record[text]}
        copies.add({**about, "copies": record["copies"], "sources": record["sources"]})
        for flag in record.get("flags", ()):
            flagged.setdefault(flag, Reservoir(_FLAGGED)).add(str(record[key]))
    return copies, {flag: kept.items for flag, kept in flagged.items()}


def _read_duplicates(folder: Path, members: set[str]) -> tuple[Likeness, dict[str, dict[str, Any]]]:
    """How alike all copies are, and the records of `members`, by id."""
    likeness, alike = Likeness(), dict[str, dict[str, Any]]()
    for record in read_results(folder, "duplicates", ["id", "kept_id", "relation", "jaccard", "covered"]):
        likeness.add(record)
        if (name := str(record["id"])) in members:
            alike[name] = record
    return likeness, alike


def _removed(summary: dict[str, Any]) -> dict[str, Any]:
    """Characters removed, in all and in the languages and sites that lost most of theirs."""
    sizes = summary["characters"]
    groups = {
        group: sorted(
            ((name, told["input"], told["removed"]) for name, told in sizes[f"by_{group}"].items()),
            key=lambda entry: -sum(entry[2].values()),
        )
        for group in ("language", "site")
    }
    return {"total": sum(entry["characters"] for entry in summary["removals"].values()), **groups}


@dataclass(frozen=True, slots=True)
class _Rules:
    used: list[tuple[dict[str, Any], list[dict[str, Any]]]]
    """Rules that fired, with examples; at most _RULES."""
    idle: dict[str, list[dict[str, Any]]]
    """By pack, the rules that never fired, in packs of which others did; at most _IDLE."""
    not_shown: int
    packs_unused: int


def _rules(folder: Path, sample: Sample) -> _Rules:
    used, idle, packs = list[Any](), defaultdict[str, list[dict[str, Any]]](list), set[str]()
    for record in read_results(folder, "rules"):
        pack = record["rule"].partition(":")[0]
        if record["removals"]:
            used.append((record, sample.rules.get(record["rule"], [])))
            packs.add(pack)
        elif record["action"] not in ("field", "protect", "flag"):  # these never remove anything
            idle[pack].append(record)
    told, room = dict[str, list[dict[str, Any]]](), _IDLE
    for pack in sorted(idle.keys() & packs):
        told[pack] = idle[pack][:room]
        room -= len(told[pack])
    return _Rules(used[:_RULES], told, max(0, len(used) - _RULES), len(idle.keys() - packs))


def _flags(
    summary: dict[str, Any], flagged: dict[str, list[str]], sample: Sample, originals: Originals
) -> list[tuple[str, int, list[Shown]]]:
    """What was held back: the flags met most, how often, some documents with each."""
    flags = list(summary["flags"].items())[:_FLAGS]
    shown = ((show(name, sample.removals_of(name), originals) for name in flagged.get(flag, ())) for flag, _ in flags)
    room = _FLAGS_ROOM // max(1, len(flags))
    return [(flag, count, list(within(some, room))) for (flag, count), some in zip(flags, shown, strict=True)]


def _copies(summary: dict[str, Any], copies: Copies) -> dict[str, Any]:
    """Sources, sizes of clusters and who carried whose stories."""
    origins = sorted(copies.origins.items(), key=lambda item: (-item[1].stories, item[0]))
    sizes = [copies.sizes[label] for label in SIZES]
    lags = [copies.lags[label] for label in LAGS]
    return {
        "origins": origins[:_ORIGINS],
        "more_origins": max(0, len(origins) - _ORIGINS),
        "flows": sorted(copies.flows.values(), key=lambda flow: (-len(flow.days), flow.first, flow.then))[:_FLOWS],
        "sizes": (charts.bars("Stories by number of copies", SIZES, sizes), list(zip(SIZES, sizes, strict=True))),
        "lags": (charts.bars("Copies by delay behind the first", LAGS, lags), list(zip(LAGS, lags, strict=True))),
        "window": summary["settings"]["dedup"]["window"],
    }


def _likeness(summary: dict[str, Any], likeness: Likeness, sample: Sample, originals: Originals) -> dict[str, Any]:
    """How alike copies are, with the thresholds, and those that are copies by the least margin."""
    settings = summary["settings"]["dedup"]
    edges = [f"{k / BINS:.2f}" for k in range(BINS)]
    shown = {
        name: (charts.histogram(f"Duplicates by {name}", counts, settings[setting]),
               list(zip(edges, counts, strict=True)))
        for name, setting, counts in (("covered", "covered", likeness.covered), ("jaccard", "near", likeness.jaccard))
    }  # fmt: skip
    pairs, room = list[Any](), _PAIRS_ROOM
    for record in likeness.nearest:
        names = str(record["kept_id"]), str(record["id"])
        taken = [sample.removals_of(name) for name in names]
        texts = [originals.text(name, removals) for name, removals in zip(names, taken, strict=True)]
        if texts[0] is not None and texts[1] is not None:
            told = beside(without(texts[0], taken[0]), without(texts[1], taken[1]))
            room -= sum(len(side.encode()) for side in told)
            if room > 0:
                pairs.append((record, [originals.documents[name] for name in names], told))
    return {**shown, "relations": likeness.relations, "pairs": pairs, "settings": settings}


def _rejected(folder: Path) -> dict[str, Any]:
    """Input that could not be read, by reason."""
    reasons: Counter[str] = Counter()
    shown: list[dict[str, Any]] = []
    for record in read_results(folder, "rejected"):
        reasons[record["why"]] += 1
        if len(shown) < _REJECTED:
            shown.append(record)
    return {"reasons": reasons.most_common(20), "shown": shown, "total": reasons.total()}
