"""What a person sees: progress, the outcome of a run, a document with its removals marked.

Owns: layout and colour for terminals. Must not know: how anything was found. Loaded
only by the commands that need it.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Any, NamedTuple

import click

from newsclean import marked
from newsclean.cleaning import CleanedBatch, Removal
from newsclean.dedup.explain import Meeting, PairExplanation
from newsclean.engines.blocks import Watch
from newsclean.errors import InputError
from newsclean.formats import FieldNames, find_sources, is_remote, parse, read_blocks
from newsclean.kernels.lines import compiled_before
from newsclean.rules.model import CLASSES
from newsclean.text import Document

_SHOWN = 5  # rejected records told of one by one; all are in rejected.jsonl
_CLASSES = 4  # with most removals
_BANDS = 12  # of a pair told by number
_CURVE = (0.05, 0.1, 0.2, 0.4)
_ISOLATE = "\u2068{}\u2069"  # keeps a right-to-left line from pulling the margin over


def watch(quiet: bool) -> Watch:
    """Progress on standard error, if that is a terminal."""
    if quiet:
        return Watch()
    announce_compiling()
    if not sys.stderr.isatty():
        return Watch(warn=_warn)
    bar = _Bar()
    return Watch(bar.stage, bar.advance, _warn)


def announce_compiling() -> None:
    """Say why the first call on a machine takes its time."""
    if not compiled_before():
        _warn("compiling the inner loops, once on this machine: this takes about a minute")


def _warn(message: str) -> None:
    click.echo(f"newsclean: {message}", err=True)


class _Bar:
    """One tqdm bar a stage: bytes of input where known, documents beside."""

    def __init__(self) -> None:
        self._bar: Any = None

    def stage(self, name: str, total: int) -> None:
        from tqdm import tqdm

        if self._bar is not None:
            self._bar.close()
        self._bar = tqdm(desc=name, total=total or None, unit="B", unit_scale=True, file=sys.stderr, leave=False)

    def advance(self, done: int, documents: int) -> None:
        self._bar.set_postfix(documents=f"{documents:,}", refresh=False)
        self._bar.update(done - self._bar.n)


def show_run(told: dict[str, Any], folder: str, quiet: bool) -> None:
    """The outcome of a run as a table on standard error, and the first of what was rejected."""
    if quiet:
        return
    counts, removals, seconds = told["counts"], told["removals"], dict(told["seconds"])
    rows = [("documents", f"{counts['input'] + counts['split']:,}", f"{counts['split']:,} split off" if counts["split"] else "")]
    rows += [(name, f"{counts[name]:,}", "") for name in ("kept", "duplicates", "rejected")]
    if removals:
        kinds = ", ".join(f"{name} {entry['removals']:,}" for name, entry in list(removals.items())[:_CLASSES])
        rows.append(("removals", f"{sum(entry['removals'] for entry in removals.values()):,}", kinds))
    if counts["repeated_ids"]:
        rows.append(("repeated ids", f"{counts['repeated_ids']:,}", "`cluster` tells these documents apart"))
    total = f"{seconds.pop('total'):,.1f}"
    rows.append(("seconds", total, ", ".join(f"{stage} {value:,.1f}" for stage, value in seconds.items())))
    rows.append(("MB/s", f"{told['megabytes_per_second']:,}", f"{told['peak_memory_bytes'] / 1e6:,.0f} MB of memory"))
    width = max(len(number) for _, number, _ in rows)
    lines = [f"{name:12}  {number:>{width}}  {more}".rstrip() for name, number, more in rows]
    click.echo("\n".join([*lines, f"more in {folder}/run.json"]), err=True)
    if counts["rejected"] and not is_remote(folder):
        _show_rejected(Path(folder) / "rejected.jsonl", counts["rejected"])


def show_sweep(outcomes: Sequence[dict[str, Any]]) -> str:
    """What each threshold would collapse, as a table."""
    head = ("covered", "pairs", "clusters", "duplicates", "kept")
    lines = [" ".join(f"{name:>12}" for name in head)]
    for told in outcomes:
        lines.append(" ".join([f"{told['covered']:12.2f}", *(f"{told[name]:12,}" for name in head[1:])]))
    return "\n".join(lines)


def _show_rejected(path: Path, count: int) -> None:
    with path.open(encoding="utf-8") as lines:
        for _, line in zip(range(_SHOWN), lines, strict=False):
            entry = json.loads(line)
            place = f"{entry['file']}:{entry['line']}" if entry["line"] else entry["file"]
            _warn(f"{place}: {entry['why']}")
    if count > _SHOWN:
        _warn(f"{count - _SHOWN:,} more in {path}")


def find_documents(file: str, ids: Sequence[str], fields: FieldNames) -> list[Document]:
    """The documents of a file; with `ids` those, in that order. Raises InputError if one is missing or unreadable."""
    documents: list[Document] = []
    for block in read_blocks(find_sources([file]), fields):
        batch = parse(block, fields)
        if batch.rejected and not ids:
            raise InputError(batch.rejected[0].why, file=batch.rejected[0].file, line=batch.rejected[0].line)
        documents += [document for document in batch.documents if not ids or document.id in ids]
        if ids and len({document.id for document in documents}) == len(set(ids)):
            break
    if not ids:
        return documents
    found = {document.id: document for document in reversed(documents)}
    for name in ids:
        if name not in found:
            raise InputError(f"no document with the id {name!r}", file=file)
    return [found[name] for name in ids]


def explain_pair_text(a: Document, b: Document, why: PairExplanation) -> str:
    """Why two documents are, or are not, copies: the verdict, the figures, the paragraphs side by side."""
    lines = [f"{'same story' if why.same else 'not the same story'}: {why.relation}"]
    lines += [f"{name}  {_about(document)}" for name, document in (("a", a), ("b", b))]
    lines.append(f"jaccard {why.jaccard:.2f}, containment {why.containment:.2f}, {_figures(why.figures)}")
    if why.vetoes and not why.same:
        lines.append(f"conditions not met: {', '.join(why.vetoes)}")
        lines += [f"  {veto}: {reason}" for veto, reason in zip(why.vetoes, why.reasons, strict=True)]
    lines += [_meeting(name, meeting) for name, meeting in why.met.items()]
    whole = {name: "\n".join(getattr(pair, name) or "" for pair in why.paragraphs) for name in "ab"}
    for pair in why.paragraphs:
        lines.append("")
        share = f"{pair.shared:4.0%}" if pair.a and pair.b else "   -"
        for name, text, other in (("a", pair.a, whole["b"]), ("b", pair.b, whole["a"])):
            if text:
                lines.append(f"{share} {name} │ {_bracketed(text, other) if pair.a and pair.b else text}")
    return "\n".join(lines)


def _meeting(name: str, meeting: Meeting) -> str:
    """The bands that met, and where on the S-curve the pair stands."""
    bands = f" ({', '.join(map(str, meeting.bands))})" if 0 < len(meeting.bands) <= _BANDS else ""
    curve = ", ".join(f"{jaccard:g} {meeting.curve(jaccard):.0%}" for jaccard in _CURVE)
    return (
        f"{name}: {len(meeting.bands) or 'no'} of {meeting.shape[0]} bands met{bands}, estimate {meeting.estimate:.2f}, "
        f"chance of meeting there {meeting.chance:.0%} (S-curve: at {curve})"
    )


def _bracketed(text: str, other: str) -> str:
    """The text with the words in brackets that the other one does not have."""
    parts, at = [], 0
    for start, end, *_ in marked.only_here(text, other):
        parts += [text[at:start], f"[{text[start:end]}]"]
        at = end
    return "".join([*parts, text[at:]])


def _about(document: Document) -> str:
    return " · ".join(filter(None, (document.id, document.source or document.site, document.published)))


def _figures(figures: dict[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in figures.items())


class _Part(NamedTuple):
    text: str
    margin: str  # class and rule, '' for what stays
    cls: str = ""


def explain_text(document: Document, batch: CleanedBatch, i: int, classes: Set[str], colour: bool) -> str:
    """Document i of a batch line by line, what was removed marked at the margin.

    Unless `classes` are all there are, only the removals of these, each between its neighbours.
    """
    parts = list(_parts(batch.source[i], batch.removals(i)))
    if len(classes) < len(CLASSES):
        parts = list(_around(parts, classes))
    width = max((len(part.margin) for part in parts), default=0)
    about = " · ".join(filter(None, (document.id, document.site, batch.languages[i], *batch.flags(i))))
    lines = [click.style(f"── {about}", bold=colour)]
    for text, margin, _ in parts:
        shown = _ISOLATE.format(text) if colour and _right_to_left(text) else text
        line = f"{'-' if margin else ' '} {margin:{width}} │ {shown}".rstrip()
        lines.append(click.style(line, fg="red") if colour and margin else line)
    if fields := batch.fields(i):
        lines.append(f"── {json.dumps(fields, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def explain_json(document: Document, batch: CleanedBatch, i: int, classes: Set[str]) -> str:
    """The same as one line of JSON: the text the offsets refer to, and each removal with its text."""
    removals = [
        {**removal.record(), "text": removal.text} for removal in batch.removals(i) if removal.cls in classes
    ]
    told = {"id": document.id, "language": batch.languages[i], "text": batch.source[i], "removals": removals}
    return json.dumps({**told, "fields": batch.fields(i), "flags": batch.flags(i)}, ensure_ascii=False)


def _parts(source: str, removals: Sequence[Removal]) -> Iterator[_Part]:
    """The text cut at removals and at line ends."""
    at = 0
    for removal in removals:
        yield from (_Part(line, "") for line in _lines(source[at : removal.start]))
        margin = f"{removal.cls} {removal.rule}"
        yield from (_Part(line, margin, removal.cls) for line in _lines(source[removal.start : removal.end]))
        at = removal.end
    yield from (_Part(line, "") for line in _lines(source[at:]))


def _around(parts: Sequence[_Part], classes: Set[str]) -> Iterator[_Part]:
    """The parts of these classes, one part before and behind each, and a sign where others are left out."""
    shown = {k + step for k, part in enumerate(parts) if part.cls in classes for step in (-1, 0, 1)}
    for k, part in enumerate(parts):
        if k in shown:
            yield part
        elif k - 1 in shown or k == 0:
            yield _Part("⋯", "")


def _lines(text: str) -> list[str]:
    """The lines of a piece of text, without the newline it may begin or end with."""
    return text.removeprefix("\n").removesuffix("\n").split("\n") if text.strip("\n") else []


def _right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
