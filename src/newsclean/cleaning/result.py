"""What cleaning a document gives: its text, its removals, its fields, and the way back.

Owns: Removal, CleanResult and the batch they are drawn from. Must not know: how anything was decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from newsclean import marked
from newsclean.cleaning.decide import APPENDED
from newsclean.fields import read_fields, read_title
from newsclean.kernels import count_code_points
from newsclean.rules.model import CLASSES
from newsclean.text import Document, Repair, TextColumn, given_offsets

Ints = npt.NDArray[np.int64]
_OPENING = 2000  # bytes that hold a headline and enough of the paragraph below it
SECTION = "section"
SECTION_RULES = ("section", "breadcrumb")  # ids of rules for the line that says where a page stands
FIELD_CLASSES = frozenset(("date", "source", "tags", "id", "byline", "dateline", SECTION))


class Removal(NamedTuple):
    """What a rule took: `text` stood at code points [start, end) of the text that was cleaned."""

    start: int
    end: int
    cls: str
    rule: str
    text: str

    def record(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "class": self.cls, "rule": self.rule}


@dataclass(frozen=True, slots=True)
class CleanResult:
    """A cleaned document and everything needed to undo it.

    removals: in order, disjoint; offsets are code points of the text that was cleaned, after its repair.
    fields: what the removed lines told (`published`, `sources`, `tags` ...). flags: `guard:<class>` where more of a class was
    found than a document can hold, so that none of it was removed; `guard:all`; `repaired`;
    `slow:<rule>`; `not-article` for a page that holds no story, which is left alone.
    appended: stories that were appended to this one, as documents of their own, if asked for.
    """

    text: str
    removals: tuple[Removal, ...] = ()
    fields: dict[str, Any] | None = None
    flags: tuple[str, ...] = ()
    appended: tuple[Document, ...] = ()
    repairs: tuple[Repair, ...] = ()
    blanks: tuple[tuple[int, str], ...] = ()

    def restore(self) -> str:
        """The text as it was given: removals, blanks and repairs undone."""
        text = self._uncut()
        for mended in reversed(self.repairs):
            text = text[: mended.start] + mended.was + text[mended.end :]
        return text

    def _uncut(self) -> str:
        """The text that was cleaned: what the offsets of removals refer to."""
        gone = sorted([(r.start, r.text) for r in self.removals] + list(self.blanks))
        out: list[str] = []
        at = taken = 0
        for start, text in gone:
            out.append(self.text[taken : taken + start - at])
            taken += start - at
            out.append(text)
            at = start + len(text)
        return "".join(out) + self.text[taken:]

    def _repr_html_(self) -> str:
        """For notebooks: the document with what was removed struck through, the rule on hovering, then the fields."""
        marks = [marked.Mark(r.start, r.end, r.cls, f"{r.cls} · {r.rule}") for r in self.removals]
        facts = [*(self.fields or {}).items(), *(("flag", flag) for flag in self.flags)]
        told = ((name, ", ".join(map(str, value)) if isinstance(value, list) else value) for name, value in facts)
        shown = marked.lines_html(self._uncut(), marks, keep=2000, room=20_000)
        return marked.notebook_html(shown, marked.table_html(("field", "value"), told) if facts else "")


class Row(NamedTuple):
    """A span that a rule removed, or only read, as it stands in the batch. All are integers."""

    start: int  # code points of the document
    end: int
    b0: int  # bytes of the source column
    b1: int
    rule: int
    cls: int
    value: int  # byte at which the value of a label begins; b0 without a label
    removed: int


@dataclass(frozen=True)
class CleanedBatch:
    """Cleaned documents as columns; `batch[i]` makes the CleanResult of document i.

    documents: what is known of each but its text. given: the texts as they came; source: as they were cleaned, after repair;
    texts: cleaned. languages: as given or detected, '' if unknown.
    """

    documents: Sequence[Document]
    given: TextColumn
    source: TextColumn
    texts: TextColumn
    languages: list[str]
    names: tuple[str, ...]  # of the rules of the book, then of the shapes
    _rows: Ints  # [rows, columns of Row]
    _first: Ints  # [documents + 1]
    _flags: dict[int, list[str]]
    _repairs: dict[int, tuple[Repair, ...]]
    _split: bool

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[CleanResult]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: int) -> CleanResult:
        if not 0 <= i < len(self):
            raise IndexError(i)
        text, removals = self.texts[i], self.removals(i)
        blanks = tuple(_blanks(self.source[i], text, removals))
        return CleanResult(
            text, removals, self.fields(i), self.flags(i), self.appended(i), self._repairs.get(i, ()), blanks
        )

    def removals(self, i: int) -> tuple[Removal, ...]:
        names = self.names
        return tuple(
            Removal(row.start, row.end, CLASSES[row.cls], names[row.rule], self._text(row.b0, row.b1))
            for row in self._rows_of(i)
            if row.removed
        )

    def removals_as_given(self, i: int) -> tuple[Removal, ...]:
        """The same, but as the output files have them: offsets and texts are those of the document before its repair."""
        removals, repairs = self.removals(i), self._repairs.get(i)
        if not repairs:
            return removals
        bounds = given_offsets(self.source[i], repairs, (at for removal in removals for at in removal[:2]))
        given = self.given[i]
        return tuple(
            removal._replace(start=start, end=end, text=given[start:end])
            for removal, start, end in zip(removals, bounds[::2], bounds[1::2], strict=True)
        )

    def removal_records(self, i: int) -> list[dict[str, Any]]:
        """The removals of document i as records whose offsets are code points of the text that was given."""
        if i in self._repairs:
            return [removal.record() for removal in self.removals_as_given(i)]
        names = self.names
        return [
            {"start": row.start, "end": row.end, "class": CLASSES[row.cls], "rule": names[row.rule]}
            for row in self._rows_of(i)
            if row.removed
        ]

    def read_by(self, i: int) -> set[str]:
        """The rules that read a field out of document i and left its text alone."""
        return {self.names[row.rule] for row in self._rows_of(i) if not row.removed}

    def fields(self, i: int) -> dict[str, Any]:
        sections = self._sections
        told = [
            (SECTION if row.rule in sections else CLASSES[row.cls], self._text(row.b0, row.b1), self._text(row.value, row.b1))
            for row in self._rows_of(i)
            if CLASSES[row.cls] in FIELD_CLASSES or row.rule in sections
        ]
        fields = read_fields(told, self.languages[i]) if told else {}
        title = None if self.documents[i].title else read_title(self.texts.opening(i, _OPENING))
        return {"title": title, **fields} if title else fields

    @cached_property
    def _sections(self) -> frozenset[int]:
        """The rules whose lines say where a page stands."""
        return frozenset(n for n, name in enumerate(self.names) if name.rpartition(":")[2] in SECTION_RULES)

    @cached_property
    def characters(self) -> list[int]:
        """How many code points each text had as it was given."""
        counts = np.empty(len(self), np.int64)
        count_code_points(self.given.data, self.given.offsets, counts)
        return counts.tolist()

    def flags(self, i: int) -> tuple[str, ...]:
        return tuple(self._flags.get(i, ()))

    def appended(self, i: int) -> tuple[Document, ...]:
        """The appended story of document i, if it has one and it was to be split off."""
        rows = [row for row in self._rows_of(i) if row.cls == APPENDED] if self._split else []
        if not rows:
            return ()
        parent = self.documents[i]
        return (
            Document(
                self._text(rows[0].b0, rows[-1].b1), id=f"{parent.id}#2", language=self.languages[i] or None,
                extra={"appended_to": parent.id},
            ),
        )  # fmt: skip

    @cached_property
    def _every_row(self) -> tuple[list[int], list[Row]]:
        """The first row of each document, and all rows: made at once, for a run asks for millions of them."""
        return self._first.tolist(), list(map(Row._make, zip(*(column.tolist() for column in self._rows.T), strict=True)))

    def _rows_of(self, i: int) -> list[Row]:
        first, rows = self._every_row
        return rows[first[i] : first[i + 1]]

    def _text(self, b0: int, b1: int) -> str:
        return self.source.data[b0:b1].tobytes().decode()


def _blanks(source: str, text: str, removals: Sequence[Removal]) -> Iterator[tuple[int, str]]:
    """The blanks of `source` outside the removals that `text` lacks, as (start, blanks).

    `text` is a subsequence of what the removals leave, so taking every character at its first chance finds it.
    """
    at = taken = 0
    for start, end in [*((r.start, r.end) for r in removals), (len(source), len(source))]:
        while at < start:
            begin = at
            while at < start and not (taken < len(text) and source[at] == text[taken]):
                at += 1
            if at > begin:
                yield begin, source[begin:at]
            while at < start and taken < len(text) and source[at] == text[taken]:
                at, taken = at + 1, taken + 1
        at = end
