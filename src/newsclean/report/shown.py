"""Documents as a report shows them: with what was taken struck through, or two beside each other.

Owns: which marks a document bears and how much of a page documents may fill. Must not know: templates, where texts come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from newsclean.marked import Mark, lines_html, only_here
from newsclean.report.texts import Originals
from newsclean.text import Document

PAGE_ROOM = 1_500_000
"""Bytes of documents in one list, of the 5 MB that a page may have."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One document. size: characters removed. complete: whether its text is shown, or only what was removed from it."""

    id: str
    document: Document | None
    body: Markup
    classes: Sequence[str] = ()
    size: int = 0
    complete: bool = True


def marks_of(removals: Sequence[dict[str, Any]]) -> list[Mark]:
    """The marks of removals (records of a run)."""
    return [Mark(r["start"], r["end"], r["class"], f"{r['class']} · {r['rule']}") for r in removals]


def show(name: str, removals: Sequence[dict[str, Any]], originals: Originals) -> Shown:
    """A document with its removals struck through; only the removals where its text is not at hand."""
    text = originals.text(name, removals)
    classes, size = sorted({r["class"] for r in removals}), sum(r["end"] - r["start"] for r in removals)
    if text is None:
        return Shown(name, None, pieces_html(marks_of(removals), [r["text"] for r in removals]), classes, size, False)
    body = Markup(lines_html(text, marks_of(removals)))
    return Shown(name, originals.documents[name], body, classes, size)


def pieces_html(marks: Sequence[Mark], texts: Sequence[str]) -> Markup:
    """Marked pieces of a text that is not at hand, one below another."""
    placed, at = [], 0
    for mark, text in zip(marks, texts, strict=True):
        placed.append(mark._replace(start=at, end=at + len(text)))
        at += len(text) + 1
    return Markup(lines_html("\n".join(texts), placed))


def beside(a: str, b: str) -> tuple[Markup, Markup]:
    """Two texts, each with the words marked that only it has."""
    return Markup(lines_html(a, only_here(a, b), room=4000)), Markup(lines_html(b, only_here(b, a), room=4000))


def without(text: str, removals: Sequence[dict[str, Any]]) -> str:
    """The text less what was removed from it."""
    kept, at = [], 0
    for removal in removals:
        kept.append(text[at : removal["start"]])
        at = removal["end"]
    return "".join((*kept, text[at:])).strip()


def within(documents: Iterable[Shown], room: int = PAGE_ROOM) -> Iterator[Shown]:
    """The first documents, as many as there is room for on a page."""
    for document in documents:
        room -= len(document.body.encode())
        if room < 0:
            return
        yield document
