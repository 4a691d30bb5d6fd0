"""Apply a RuleBook to documents: what goes, by which rule, and how to get it back.

Owns: `clean`, `clean_batch` and their results; the order of the steps (repair, language, scan, patterns, decide, assemble).
Must not know: files, duplicates, how a rule was written. No I/O.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from newsclean.decide import (
    APPENDED,
    FIELD,
    PART_B0,
    PART_B1,
    PART_LINE,
    PART_RULE,
    assemble,
    blank_out,
    code_points,
    decide,
    widen,
)  # fmt: skip

from newsclean.fields import read_fields
from newsclean.fold import fold_table
from newsclean.kernels.lines import HIT_B1, HIT_KIND, HIT_LINE, HIT_RULE, HIT_WIDTH, scan, suspects
from newsclean.lines import B0, B1, DOC, Lines, punctuation_table
from newsclean.patterns import match_patterns
from newsclean.rules.compile import ACTION, CLASS, LABEL, CompiledRules
from newsclean.rules.load import load_rules
from newsclean.rules.model import CLASSES, RuleBook
from newsclean.text import Document, Repair, TextColumn, repair

Ints = npt.NDArray[np.int64]
FIELD_CLASSES = frozenset(("date", "source", "tags", "id", "byline", "dateline"))
_ALL_HELD = 1 << 62
# Codes by which records name a language that has a pack under another.
_LANGUAGE_CODES = {
    "ara": "ar", "arabic": "ar", "fas": "fa", "per": "fa", "persian": "fa", "farsi": "fa", "eng": "en", "english": "en",
    "urd": "ur", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "por": "pt", "rus": "ru", "tur": "tr",
    "ind": "id", "hin": "hi", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "iw": "he", "in": "id",
}  # fmt: skip


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
    found than a document can hold, so that none of it was removed; `guard:all`; `repaired`; `slow:<rule>`.
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
        gone = sorted([(r.start, r.text) for r in self.removals] + list(self.blanks))
        out: list[str] = []
        at = taken = 0
        for start, text in gone:
            out.append(self.text[taken : taken + start - at])
            taken += start - at
            out.append(text)
            at = start + len(text)
        text = "".join(out) + self.text[taken:]
        for mended in reversed(self.repairs):
            text = text[: mended.start] + mended.was + text[mended.end :]
        return text


def clean(text: str | Document, rules: RuleBook | None = None, *, appended: str = "drop") -> CleanResult:
    """Clean one document.

    rules: a book from `load_rules`; the packaged one by default. appended: "drop" an appended second story, or "split" it
    off into `CleanResult.appended`, where it can be cleaned in turn.

    >>> result = clean("Ministers meet in Oslo\\n\\nTags: summit, Norway\\n\\nThe ministers of nine countries met in Oslo on "
    ...     "Friday to agree on a common price for the power that they sell to each other.")
    >>> [(removal.rule, removal.text) for removal in result.removals]
    [('base:tags-label', 'Tags: summit, Norway')]
    """
    document = text if isinstance(text, Document) else Document(text)
    return clean_batch([document], rules, appended=appended)[0]


def clean_batch(
    documents: Sequence[Document], rules: RuleBook | None = None, *, appended: str = "drop"
) -> CleanedBatch:
    """Clean many documents at once; the same result for each as `clean` gives.

    Raises ValueError for an `appended` that is neither "drop" nor "split".
    """
    if appended not in ("drop", "split"):
        raise ValueError(f"appended is 'drop' or 'split', not {appended!r}")
    compiled = compile_rules(rules or _packaged_rules())
    texts, repairs = _repaired(documents)
    work = _Work(documents, texts, compiled)
    work.run()
    return CleanedBatch(documents, texts, work.cleaned, work.languages, compiled, *work.rows(), work.flags(repairs), repairs, appended == "split")


@functools.lru_cache(maxsize=8)
def compile_rules(book: RuleBook) -> CompiledRules:
    """The compiled form of a book, made once."""
    return CompiledRules(book)


@functools.cache
def _packaged_rules() -> RuleBook:
    return load_rules()


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

    texts: the cleaned texts. source: the texts that were cleaned, after repair. languages: as given or detected, '' if
    unknown.
    """

    documents: Sequence[Document]
    source: TextColumn
    texts: TextColumn
    languages: list[str]
    compiled: CompiledRules
    _rows: list[list[int]]
    _first: list[int]
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
        names = self.compiled.names
        return tuple(
            Removal(row.start, row.end, CLASSES[row.cls], names[row.rule], self._text(row.b0, row.b1))
            for row in self._rows_of(i)
            if row.removed
        )

    def removal_records(self, i: int) -> list[dict[str, Any]]:
        """The removals of document i as the records of the output files."""
        names = self.compiled.names
        return [
            {"start": row.start, "end": row.end, "class": CLASSES[row.cls], "rule": names[row.rule]}
            for row in self._rows_of(i)
            if row.removed
        ]

    def read_by(self, i: int) -> set[str]:
        """The rules that read a field out of document i and left its text alone."""
        return {self.compiled.names[row.rule] for row in self._rows_of(i) if not row.removed}

    def fields(self, i: int) -> dict[str, Any]:
        told = [
            (CLASSES[row.cls], self._text(row.b0, row.b1), self._text(row.value, row.b1))
            for row in self._rows_of(i)
            if CLASSES[row.cls] in FIELD_CLASSES
        ]
        return read_fields(told, self.languages[i]) if told else {}

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

    def _rows_of(self, i: int) -> list[Row]:
        return [Row._make(row) for row in self._rows[self._first[i] : self._first[i + 1]]]

    def _text(self, b0: int, b1: int) -> str:
        return self.source.data[b0:b1].tobytes().decode()


def _repaired(documents: Sequence[Document]) -> tuple[TextColumn, dict[int, tuple[Repair, ...]]]:
    texts = TextColumn.from_texts(document.text for document in documents)
    found = np.zeros(len(texts), np.bool_)
    suspects(texts.data, texts.offsets, found)
    if not found.any():
        return texts, {}
    encoded = [texts.encoded(i) for i in range(len(texts))]
    repairs: dict[int, tuple[Repair, ...]] = {}
    for i in np.flatnonzero(found).tolist():
        text, done = repair(documents[i].text)
        if done:
            encoded[i], repairs[i] = text.encode(), done
    return TextColumn.from_bytes(encoded), repairs


def language_code(language: str | None) -> str:
    """The code of a language pack for what a record calls its language.

    >>> language_code("ar-SA"), language_code("eng"), language_code(None)
    ('ar', 'en', '')
    """
    code = (language or "").strip().lower().replace("_", "-").partition("-")[0]
    return _LANGUAGE_CODES.get(code, code)


def host_of(document: Document) -> str:
    """The host that decides which site pack applies: of the address, else what the record calls its site."""
    try:
        return urlsplit(document.url or "").hostname or document.site or ""
    except ValueError:  # an address that is none, such as 'http://[news'
        return document.site or ""


class _Work:
    """The state of a batch while it is cleaned.

    A document whose lines lost a part, or whose language looks different once its furniture is gone, gets another
    look at what stays, so that cleaning twice is cleaning once. For that look the removed bytes are overwritten with
    blanks: every line and byte keeps its place.
    """

    def __init__(self, documents: Sequence[Document], texts: TextColumn, rules: CompiledRules) -> None:
        self.source, self.rules = texts, rules
        self.lines = Lines.empty(texts)
        self.languages = [language_code(document.language) for document in documents]
        self.detected = np.array([not language for language in self.languages], np.bool_)
        self.scopes = [rules.book.site_scope(host_of(document)) for document in documents]
        count = len(self.lines.table)
        self.removed_by, self.removed_class = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
        self.value_at = np.full(count, -1, np.int64)
        self.held = np.zeros(len(documents), np.int64)
        self.parts = np.zeros((0, 4), np.int64)
        self.slow: dict[int, set[int]] = {}
        self.cleaned = texts

    def run(self) -> None:
        docs = np.arange(len(self.source))
        self._detect(docs, self.source)
        texts = self.source
        while len(docs):
            dirty = self._sweep(docs, texts)
            self.cleaned = self._assemble()
            again = docs[dirty]
            undetected = docs[~dirty & self.detected[docs] & self._changed(docs)]
            again = np.union1d(again, undetected[self._detect(undetected, self.cleaned.take(undetected))])
            if len(again):
                self._detect(again, self.cleaned.take(again))
                texts = self._blanked().take(again)
            docs = again

    def _detect(self, docs: Ints, texts: TextColumn) -> npt.NDArray[np.bool_]:
        """Detect the languages of documents that do not tell theirs; which of them came out differently than before."""
        found = self.rules.detect_languages(texts)
        changed = np.zeros(len(docs), np.bool_)
        for n, (doc, language) in enumerate(zip(docs.tolist(), found, strict=True)):
            if self.detected[doc] and language != self.languages[doc]:
                self.languages[doc], changed[n] = language, True
        return changed

    def _changed(self, docs: Ints) -> npt.NDArray[np.bool_]:
        return np.diff(self.cleaned.offsets)[docs] != np.diff(self.source.offsets)[docs]

    def _sweep(self, docs: Ints, texts: TextColumn) -> npt.NDArray[np.bool_]:
        """Decide `docs`, whose present texts are `texts`. Returns which of them lost part of a line."""
        lines = self.lines if texts is self.source else Lines.empty(texts)
        active, profile = self._profiles(docs)
        hits = _scanned(texts, lines, self.rules, active, profile)
        bits = np.array([self.rules.language_bit(self.languages[doc]) for doc in docs.tolist()], np.int64)
        hits, slow = match_patterns(texts, lines, hits, self.rules, active, profile, bits)
        hit_first = np.searchsorted(hits[:, HIT_LINE], np.arange(len(lines.table) + 1))
        doubles = np.array([_first_active(self.rules.detectors.get("repeated-line", []), row) for row in active], np.int64)
        removed_by, removed_class = np.full(len(lines.table), -1, np.int64), np.full(len(lines.table), -1, np.int64)
        held = self.held[docs]
        parts = np.zeros((len(hits), 4), np.int64)
        count = decide(
            texts.data, lines.table, lines.first, hits, hit_first, self.rules.table, doubles[profile], removed_by,
            removed_class, held, parts,
        )  # fmt: skip
        parts = parts[:count]
        widen(texts.data, fold_table(), punctuation_table(), lines.table, self.rules.table, parts)
        return self._merge(docs, texts, lines, removed_by, removed_class, held, parts, hits, slow)

    def _merge(
        self, docs: Ints, texts: TextColumn, lines: Lines, removed_by: Ints, removed_class: Ints, held: Ints, parts: Ints,
        hits: Ints, slow: dict[int, set[int]],
    ) -> npt.NDArray[np.bool_]:  # fmt: skip
        """Take over the outcome of a sweep, its lines and bytes renumbered to those of the whole batch."""
        shift_line = self.lines.first[docs] - lines.first[:-1]
        shift_byte = self.source.offsets[docs] - texts.offsets[:-1]
        doc_of_line = lines.table[:, DOC]
        gone = np.flatnonzero(removed_by >= 0)
        target = gone + shift_line[doc_of_line[gone]]
        self.removed_by[target], self.removed_class[target] = removed_by[gone], removed_class[gone]
        labels = hits[(hits[:, HIT_KIND] == LABEL) & (hits[:, HIT_RULE] == removed_by[hits[:, HIT_LINE]])]
        label_doc = doc_of_line[labels[:, HIT_LINE]]
        self.value_at[labels[:, HIT_LINE] + shift_line[label_doc]] = labels[:, HIT_B1] + shift_byte[label_doc]
        self.held[docs] |= held
        part_doc = doc_of_line[parts[:, PART_LINE]]
        parts = parts.copy()
        parts[:, PART_LINE] += shift_line[part_doc]
        parts[:, PART_B0] += shift_byte[part_doc]
        parts[:, PART_B1] += shift_byte[part_doc]
        new = parts[
            (self.rules.table[parts[:, PART_RULE], ACTION] != FIELD) & (self.removed_by[parts[:, PART_LINE]] < 0)
        ]
        self.parts = np.concatenate([self.parts, parts])
        for doc, rules in slow.items():
            self.slow.setdefault(int(docs[doc]), set()).update(rules)
        dirty = np.zeros(len(docs), np.bool_)
        dirty[np.searchsorted(docs, self.lines.table[new[:, PART_LINE], DOC])] = True
        return dirty

    def _profiles(self, docs: Ints) -> tuple[npt.NDArray[np.uint8], Ints]:
        """The distinct sets of rules that apply to `docs`, and which of them applies to each."""
        numbers: dict[tuple[str, str], int] = {}
        profile = [numbers.setdefault((self.languages[d], self.scopes[d]), len(numbers)) for d in docs.tolist()]
        active = np.array([self.rules.active(*key) for key in numbers], np.uint8).reshape(len(numbers), -1)
        return active, np.array(profile, np.int64)

    def _cuts(self) -> Ints:
        """The removed parts of lines that stand, disjoint, sorted by line and start."""
        removes = (self.rules.table[self.parts[:, PART_RULE], ACTION] != FIELD) & (
            self.removed_by[self.parts[:, PART_LINE]] < 0
        )
        cuts = self.parts[removes]
        cuts = cuts[np.lexsort((cuts[:, PART_B1], cuts[:, PART_B0], cuts[:, PART_LINE]))]
        end = -1
        for cut in cuts:  # a later cut begins where an earlier one of the same line ends
            cut[PART_B0] = max(cut[PART_B0], end)
            end = cut[PART_B1] = max(cut[PART_B1], cut[PART_B0])
        return cuts[cuts[:, PART_B0] < cuts[:, PART_B1]]

    def _assemble(self) -> TextColumn:
        out, offsets = np.empty(len(self.source.data), np.uint8), np.zeros(len(self.source) + 1, np.int64)
        size = assemble(
            self.source.data, self.lines.table, self.lines.first, self.removed_by, self._cuts(), punctuation_table(), out,
            offsets,
        )  # fmt: skip
        return TextColumn(out[:size], offsets)

    def _blanked(self) -> TextColumn:
        data = self.source.data.copy()
        gone = self.lines.table[self.removed_by >= 0]
        blank_out(data, gone[:, [B0, B1]])
        blank_out(data, self._cuts()[:, [PART_B0, PART_B1]])
        return TextColumn(data, self.source.offsets)

    def rows(self) -> tuple[list[list[int]], list[int]]:
        """Everything that was removed or read, in order, and the first row of each document."""
        table, gone = self.lines.table, np.flatnonzero(self.removed_by >= 0)
        value = np.where(self.value_at[gone] >= 0, self.value_at[gone], table[gone, B0])
        one = np.ones(len(gone), np.int64)
        whole = np.column_stack(
            (gone, table[gone, B0], table[gone, B1], self.removed_by[gone], self.removed_class[gone], value, one)
        )
        cuts = self._cuts()
        read = self.parts[
            (self.rules.table[self.parts[:, PART_RULE], ACTION] == FIELD) & (self.removed_by[self.parts[:, PART_LINE]] < 0)
        ]
        partial = np.concatenate([cuts, np.unique(read, axis=0)])
        is_cut = np.arange(len(partial)) < len(cuts)
        rule = partial[:, PART_RULE]
        piece = np.column_stack((
            partial[:, PART_LINE], partial[:, PART_B0], partial[:, PART_B1], rule, self.rules.table[rule, CLASS],
            partial[:, PART_B0], is_cut,
        ))  # fmt: skip
        every = np.concatenate([whole, piece])
        every = every[np.lexsort((every[:, 1], every[:, 0]))]
        points = np.empty((len(every), 2), np.int64)
        code_points(self.source.data, table, every, points)
        first = np.searchsorted(table[every[:, 0], DOC], np.arange(len(self.source) + 1)).tolist()
        return np.column_stack((points, every[:, 1:])).tolist(), first

    def flags(self, repairs: dict[int, tuple[Repair, ...]]) -> dict[int, list[str]]:
        flags: dict[int, list[str]] = {doc: ["repaired"] for doc in repairs}
        for doc in np.flatnonzero(self.held).tolist():
            held = int(self.held[doc])
            names = ["all"] if held & _ALL_HELD else [name for n, name in enumerate(CLASSES) if held >> n & 1]
            flags.setdefault(doc, []).extend(f"guard:{name}" for name in names)
        for doc, rules in self.slow.items():
            flags.setdefault(doc, []).extend(f"slow:{self.rules.names[rule]}" for rule in sorted(rules))
        return flags


def _scanned(
    texts: TextColumn, lines: Lines, rules: CompiledRules, active: npt.NDArray[np.uint8], profile: Ints
) -> Ints:
    """Fill the line table; the hits of phrases, sorted by line."""
    room = len(lines.table) + 1024
    while True:
        hits = np.empty((room, HIT_WIDTH), np.int64)
        found = scan(
            texts.data, texts.offsets, fold_table(), punctuation_table(), rules.trie, active, profile, lines.table, hits
        )
        if found <= room:
            return hits[:found]
        room = found


def _first_active(rules: Sequence[int], active: npt.NDArray[np.uint8]) -> int:
    return next((rule for rule in rules if active[rule]), -1)


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
