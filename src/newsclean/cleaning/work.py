"""A batch while it is cleaned: language, scan, patterns, decision, another look where a part of a line went.

Owns: the order of these steps and the renumbering between looks. Must not know: what users get to see.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsclean.cleaning.assemble import assemble, blank_out, code_points, widen
from newsclean.cleaning.decide import FIELD, PART_B0, PART_B1, PART_LINE, PART_RULE, decide, is_prose
from newsclean.cleaning.patterns import detect
from newsclean.cleaning.reading import Reading, Scope, read, reread
from newsclean.cleaning.repeated import CLASS as REPEATED
from newsclean.cleaning.repeated import find_repeated
from newsclean.fold import fold_table
from newsclean.kernels.lines import HIT_B1, HIT_KIND, HIT_LINE, HIT_RULE
from newsclean.lines import B0, B1, DOC, Lines, punctuation_table
from newsclean.profile import Profile, site_keys
from newsclean.rules.compile import ACTION, CLASS, LABEL, CompiledRules
from newsclean.rules.model import CLASSES, NOT_ARTICLE
from newsclean.shape import CLASS as SHAPE_CLASS
from newsclean.shape import RULES as SHAPE_RULES
from newsclean.shape import find_story
from newsclean.text import Document, Repair, TextColumn

Ints = npt.NDArray[np.int64]
_ALL_HELD = 1 << 62
# Codes by which records name a language that has a pack under another.
_LANGUAGE_CODES = {
    "ara": "ar", "arabic": "ar", "fas": "fa", "per": "fa", "persian": "fa", "farsi": "fa", "eng": "en", "english": "en",
    "urd": "ur", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "por": "pt", "rus": "ru", "tur": "tr",
    "ind": "id", "hin": "hi", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "iw": "he", "in": "id",
}  # fmt: skip


def language_code(language: str | None) -> str:
    """The code of a language pack for what a record calls its language.

    >>> language_code("ar-SA"), language_code("eng"), language_code(None)
    ('ar', 'en', '')
    """
    code = (language or "").strip().lower().replace("_", "-").partition("-")[0]
    return _LANGUAGE_CODES.get(code, code)


_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)", re.IGNORECASE)


def host_of(document: Document) -> str:
    """The host that decides which site pack applies: of the address, else what the record calls its site.

    >>> host_of(Document("", url="https://user@News.example.org:8080/1")), host_of(Document("", site="example.org"))
    ('news.example.org', 'example.org')
    """
    match = _HOST.match(document.url or "")  # urlsplit takes ten times as long, and raises
    return (match[1] if match else document.site or "").lower()


def site_of(document: Document) -> str:
    """The host less `www.`: what documents are counted under, and what site packs are called."""
    return host_of(document).removeprefix("www.")


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at some documents found; lines and bytes are numbered within these documents."""

    texts: TextColumn
    lines: Lines
    removed_by: (
        Ints  # [lines] the rule, len(rules) and up for the shapes of `newsclean.shape` and repetition; -1 where a line stays
    )
    removed_class: Ints  # [lines]
    held: Ints  # [documents] a bit set of classes
    parts: Ints  # [n, 4] of `decide`
    value_at: Ints  # [lines] byte at which the value of a removed label begins, -1 without a label
    slow: dict[int, set[int]]
    withheld: npt.NDArray[np.bool_]  # [documents] where a detector spared a line for what stood around it
    no_story: npt.NDArray[np.bool_]  # [documents]
    void: npt.NDArray[np.bool_]  # [lines] what is no story, by rules that only flag


class Work:
    """The state of a batch while it is cleaned.

    A document gets another look at what stays if a line lost a part, if the shape of the page decided anything, if the guard
    or a detector spared lines that others stood around, or if its language looks different without its furniture. The
    last look finds nothing: so cleaning twice is cleaning once. For another look the removed bytes are overwritten with
    blanks: every line and byte keeps its place.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        texts: TextColumn,
        rules: CompiledRules,
        *,
        shape: bool = True,
        profile: Profile | None = None,
    ) -> None:
        self.source, self.rules, self.shape, self.profile = texts, rules, shape, profile or None
        hosts = [host_of(document) for document in documents]
        self.sites = site_keys(hosts if profile else [])
        self.lines = Lines.empty(texts)
        self.languages = [language_code(document.language) for document in documents]
        self.detected = np.array([not language for language in self.languages], np.bool_)
        scopes = {host: rules.book.site_scope(host) for host in set(hosts)}
        self.scopes = [scopes[host] for host in hosts]
        count = len(self.lines.table)
        self.removed_by, self.removed_class = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
        self.value_at = np.full(count, -1, np.int64)
        self.held = np.zeros(len(documents), np.int64)
        self.no_story = np.zeros(len(documents), np.bool_)
        self.void = np.zeros(count, np.bool_)
        self.relabelled = np.zeros(len(documents), np.bool_)  # read by the rules of another language than at first
        self.parts = np.zeros((0, 4), np.int64)
        self.slow: dict[int, set[int]] = {}
        self.cleaned = texts

    def run(self) -> None:
        docs = np.arange(len(self.source))
        scope = self.begin()
        first = reading = read(self.source, self.lines, scope)
        while True:
            unsettled = self._merge(docs, self._look(docs, reading, scope))
            self.cleaned = self._assemble()
            looked_different = self._detect(docs[self._changed(docs)])
            self.relabelled[looked_different] = True
            docs = np.union1d(docs[unsettled], looked_different)
            if not len(docs):
                break
            scope = self._scope(docs)
            reading = self._reread(first, docs, scope)

    def begin(self) -> Scope:
        """Tell the languages of all documents, and which rules apply to them."""
        docs = np.arange(len(self.source))
        self._detect(docs)
        return self._scope(docs)

    def _reread(self, first: Reading, docs: Ints, scope: Scope) -> Reading:
        """How `docs` read without what has gone by now."""
        changed = self.relabelled[self.lines.table[:, DOC]]
        changed[self._cuts()[:, PART_LINE]] = True
        return reread(first, self._blanked(docs), docs, self.removed_by >= 0, changed, scope)

    def _detect(self, docs: Ints) -> Ints:
        """Detect the languages of those documents that do not tell theirs; which of them came out differently now."""
        silent = docs[self.detected[docs]]
        if not len(silent):
            return silent
        found = self.rules.detect_languages(self.cleaned, silent)
        new = [language != self.languages[doc] for doc, language in zip(silent.tolist(), found, strict=True)]
        for doc, language in zip(silent.tolist(), found, strict=True):
            self.languages[doc] = language
        return silent[new]

    def _changed(self, docs: Ints) -> npt.NDArray[np.bool_]:
        return np.diff(self.cleaned.offsets)[docs] != np.diff(self.source.offsets)[docs]

    def _look(self, docs: Ints, reading: Reading, scope: Scope) -> _Look:
        """Decide `docs` as they were read: by the rules, then by the shape of what they leave."""
        texts, lines = reading.texts, reading.lines
        dates = self.rules.date_bits
        bits = np.array([dates.get(self.languages[doc], dates[""]) for doc in docs.tolist()], np.int64)
        hits, withheld = detect(texts, lines, reading.hits, self.rules, scope.active, scope.profile, bits)
        hit_first = np.searchsorted(hits[:, HIT_LINE], np.arange(len(lines.table) + 1))
        doublers = self.rules.detectors.get("repeated-line", [])
        doubles = np.array([_first_active(doublers, row) for row in scope.active], np.int64)
        count = len(lines.table)
        removed_by, removed_class = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
        held, no_story, void = np.zeros(len(docs), np.int64), np.zeros(len(docs), np.bool_), np.zeros(count, np.bool_)
        parts = np.zeros((len(hits), 4), np.int64)
        used = decide(
            texts.data, lines.table, lines.first, hits, hit_first, self.rules.table, doubles[scope.profile], removed_by,
            removed_class, held, void, parts,
        )  # fmt: skip
        parts = parts[:used]
        widen(texts.data, fold_table(), punctuation_table(), lines.table, self.rules.table, parts)
        value_at = np.full(count, -1, np.int64)
        labels = hits[(hits[:, HIT_KIND] == LABEL) & (hits[:, HIT_RULE] == removed_by[hits[:, HIT_LINE]])]
        value_at[labels[:, HIT_LINE]] = labels[:, HIT_B1]
        if self.shape:
            story = find_story(texts, lines, removed_class)
            gone = story.region > 0
            removed_by[gone] = len(self.rules.names) - 1 + story.region[gone].astype(np.int64)
            removed_class[gone] = CLASSES.index(SHAPE_CLASS)
            no_story = story.no_story
        if self.profile is not None:
            spoken_for = (removed_by >= 0) | no_story[lines.table[:, DOC]]  # a page without a story is left alone
            repeated, too_much = find_repeated(self.profile, self.sites[docs], lines, spoken_for)
            removed_by[repeated] = len(self.rules.names) + len(SHAPE_RULES)
            removed_class[repeated] = CLASSES.index(REPEATED)
            held |= too_much.astype(np.int64) << CLASSES.index(REPEATED)
        return _Look(texts, lines, removed_by, removed_class, held, parts, value_at, reading.slow, withheld, no_story, void)

    def _merge(self, docs: Ints, look: _Look) -> npt.NDArray[np.bool_]:
        """Take over a look, its lines and bytes renumbered to those of the batch. Which of `docs` need another one."""
        shift_line = self.lines.first[docs] - look.lines.first[:-1]
        shift_byte = self.source.offsets[docs] - look.texts.offsets[:-1]
        doc_of_line = look.lines.table[:, DOC]
        gone = np.flatnonzero(look.removed_by >= 0)
        target = gone + shift_line[doc_of_line[gone]]
        self.removed_by[target], self.removed_class[target] = look.removed_by[gone], look.removed_class[gone]
        label = look.value_at[gone]
        self.value_at[target] = np.where(label >= 0, label + shift_byte[doc_of_line[gone]], -1)
        self.held[docs], self.no_story[docs] = look.held, look.no_story
        void = np.flatnonzero(look.void)
        self.void[void + shift_line[doc_of_line[void]]] = True
        part_doc = doc_of_line[look.parts[:, PART_LINE]]
        parts = look.parts.copy()
        parts[:, PART_LINE] += shift_line[part_doc]
        parts[:, PART_B0] += shift_byte[part_doc]
        parts[:, PART_B1] += shift_byte[part_doc]
        self.parts = np.concatenate([self.parts, parts])
        for doc, rules in look.slow.items():
            self.slow.setdefault(int(docs[doc]), set()).update(rules)
        cuts = self.rules.table[parts[:, PART_RULE], ACTION] != FIELD
        cuts &= self.removed_by[parts[:, PART_LINE]] < 0
        unsettled = np.zeros(len(docs), np.bool_)
        unsettled[doc_of_line[gone]] = True  # something went, so what was spared for its surroundings may go now
        unsettled &= look.withheld | (look.held != 0)
        unsettled[part_doc[cuts]] = True
        unsettled[doc_of_line[gone[look.removed_by[gone] >= len(self.rules.names)]]] = True
        return unsettled

    def _scope(self, docs: Ints) -> Scope:
        """The distinct sets of rules that apply to `docs`, and which of them applies to each."""
        numbers: dict[tuple[str, str], int] = {}
        profile = [numbers.setdefault((self.languages[d], self.scopes[d]), len(numbers)) for d in docs.tolist()]
        active = np.array([self.rules.active(*key) for key in numbers], np.uint8).reshape(len(numbers), len(self.rules.names))
        return Scope(self.rules, active, np.array(profile, np.int64))

    def _cuts(self) -> Ints:
        """The removed parts of lines that stand, disjoint, sorted by line and start."""
        removes = (self.rules.table[self.parts[:, PART_RULE], ACTION] != FIELD) & (
            self.removed_by[self.parts[:, PART_LINE]] < 0
        )
        cuts = self.parts[removes]
        cuts = cuts[np.lexsort((cuts[:, PART_B1], cuts[:, PART_B0], cuts[:, PART_LINE]))]
        # A later cut begins where an earlier one ends; lines follow one another, so no line needs to be told apart.
        ends = np.maximum.accumulate(cuts[:, PART_B1])
        cuts[1:, PART_B0] = np.maximum(cuts[1:, PART_B0], ends[:-1])
        return cuts[cuts[:, PART_B0] < cuts[:, PART_B1]]

    def _assemble(self) -> TextColumn:
        out, offsets = np.empty(len(self.source.data), np.uint8), np.zeros(len(self.source) + 1, np.int64)
        size = assemble(
            self.source.data, self.lines.table, self.lines.first, self.removed_by, self._cuts(), punctuation_table(), out,
            offsets,
        )  # fmt: skip
        return TextColumn(out[:size], offsets)

    def _blanked(self, docs: Ints) -> TextColumn:
        """The texts of `docs`, what was removed from them overwritten with blanks."""
        texts = self.source.take(docs)
        shift = np.zeros(len(self.source), np.int64)
        shift[docs] = texts.offsets[:-1] - self.source.offsets[docs]
        chosen = np.zeros(len(self.source), np.bool_)
        chosen[docs] = True
        cuts, table = self._cuts(), self.lines.table
        gone = np.flatnonzero(self.removed_by >= 0)
        doc = np.concatenate((table[gone, DOC], table[cuts[:, PART_LINE], DOC]))
        bounds = np.concatenate((table[gone][:, [B0, B1]], cuts[:, [PART_B0, PART_B1]])) + shift[doc, None]
        data = texts.data.copy()
        blank_out(data, bounds[chosen[doc]])
        return TextColumn(data, texts.offsets)

    def rows(self) -> tuple[Ints, Ints]:
        """Everything that was removed or read, in order, and the first row of each document."""
        table, gone = self.lines.table, np.flatnonzero(self.removed_by >= 0)
        value = np.where(self.value_at[gone] >= 0, self.value_at[gone], table[gone, B0])
        one = np.ones(len(gone), np.int64)
        whole = np.column_stack(
            (gone, table[gone, B0], table[gone, B1], self.removed_by[gone], self.removed_class[gone], value, one)
        )
        cuts = self._cuts()
        read = self.parts[
            (self.rules.table[self.parts[:, PART_RULE], ACTION] == FIELD)
            & (self.removed_by[self.parts[:, PART_LINE]] < 0)
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
        first = np.searchsorted(table[every[:, 0], DOC], np.arange(len(self.source) + 1))
        return np.column_stack((points, every[:, 1:])), first

    def _void_documents(self) -> npt.NDArray[np.bool_]:
        """Documents that hold a line which is no story, and no paragraph besides: error pages, cookie walls."""
        table = self.lines.table
        void = np.zeros(len(self.source), np.bool_)
        for doc in np.unique(table[self.void, DOC]).tolist():
            rows = range(self.lines.first[doc], self.lines.first[doc + 1])
            void[doc] = not any(not self.void[at] and self.removed_by[at] < 0 and is_prose(table, at) for at in rows)
        return void

    def flags(self, repairs: dict[int, tuple[Repair, ...]]) -> dict[int, list[str]]:
        flags: dict[int, list[str]] = {doc: ["repaired"] for doc in repairs}
        for doc in np.flatnonzero(self.held).tolist():
            held = int(self.held[doc])
            names = ["all"] if held & _ALL_HELD else [name for n, name in enumerate(CLASSES) if held >> n & 1]
            flags.setdefault(doc, []).extend(f"guard:{name}" for name in names)
        for doc in np.flatnonzero(self.no_story | self._void_documents()).tolist():
            flags.setdefault(doc, []).append(NOT_ARTICLE)
        for doc, rules in self.slow.items():
            flags.setdefault(doc, []).extend(f"slow:{self.rules.names[rule]}" for rule in sorted(rules))
        return flags


def _first_active(rules: Sequence[int], active: npt.NDArray[np.uint8]) -> int:
    return next((rule for rule in rules if active[rule]), -1)
