"""The labelled development sets as the trainer of the page scorer sees them: lines, what is known of each, variants.

Owns: which set weighs what, what a set's labels say of a line, pages made of other pages. Must not know: trees, words, gates.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from newsclean.cleaning.work import Work
from newsclean.kernels.features import COLUMNS, is_far, mass_of
from newsclean.kernels.shape import measure_lines
from newsclean.lines import B0, B1, DOC, SIZE, Lines, punctuation_table
from newsclean.shape import groups_of
from newsclean.text import Document, TextColumn

# What one document of a set weighs. Articles that are clean teach what must stay; googletrends' labels count comments as
# story, against l3s; almayadeen is one site.
PAGES = {"manual_multi": 2.0, "l3s_googlenews": 1.0, "fundus": 1.0, "scrapinghub": 1.0, "daniel": 0.6,
         "googletrends_blocks": 0.6, "trafilatura_eval": 2.0, "almayadeen": 0.1}  # fmt: skip
ARTICLES = {"khabaryaab": 0.25, "control_antcorpus_ar": 0.25, "control_farsnews_fa": 0.25, "control_derstandard_de": 0.25}
STORY = {"manual_multi": "HB", "l3s_googlenews": "12", "googletrends_blocks": "1", "khabaryaab": "B", "almayadeen": "1"}
EITHER = {"l3s_googlenews": "3"}
FOLDS = 5
# Pages are learned from once more with less furniture, and with little story: pages such as these sets have few of.
VARIED = ("manual_multi", "l3s_googlenews", "fundus", "scrapinghub", "daniel")
THINNED, SHORTENED = 0.4, 0.2
WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")


@dataclass
class PageSet:
    """One development set: its records, line table, which lines stand after the rules, and their labels (-1 for unknown)."""

    name: str
    records: list[dict[str, Any]]
    texts: TextColumn
    lines: Lines
    stands: Any
    labels: Any
    removed_class: Any
    rule_spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    share: float = 1.0

    @cached_property
    def columns(self) -> Any:
        out = np.zeros((len(self.lines.table), len(COLUMNS)), np.float32)
        measure_lines(
            self.texts.data, punctuation_table(), self.lines.table, self.lines.first, self.stands,
            groups_of(self.removed_class), out,
        )  # fmt: skip
        return out

    @cached_property
    def seen(self) -> Any:
        """bool [lines]: those that the scorer looks at."""
        return self.stands & ~np.array([is_far(row) for row in self.columns])

    @cached_property
    def folds(self) -> Any:
        """The fold of each line: that of its document's host."""
        return self.hosts % FOLDS

    @cached_property
    def hosts(self) -> Any:
        """A number for the host of each line's document, where it is not told for the document."""
        hosts = [urlsplit(record.get("url") or "").hostname for record in self.records]
        names = [
            ".".join(host.split(".")[-2:]) if host else self.name + record["id"]
            for host, record in zip(hosts, self.records, strict=True)
        ]
        return np.array([zlib.crc32(name.encode()) for name in names])[self.lines.table[:, DOC]]

    @cached_property
    def weights(self) -> Any:
        """The weight of each line: its length's share of its document, at most that of its length in 2,000 characters."""
        known = self.stands & (self.labels >= 0)
        size, doc = np.minimum(self.lines.table[:, SIZE], 800) + 20.0, self.lines.table[:, DOC]
        total = np.bincount(doc[known], size[known], minlength=len(self.records))
        each = (PAGES | ARTICLES)[self.name] * self.share
        return np.where(known, 100 * each * size / np.maximum(total[doc], 2000), 0)

    def thinned(self) -> PageSet:
        """The same pages with six in ten of their short furniture lines gone, eight or so at a time: smaller pages."""
        stands, random = self.stands.copy(), np.random.default_rng(7)
        for start, stop, prose in self._pages():
            short = start + np.flatnonzero((self.labels == 0)[start:stop] & stands[start:stop] & ~prose)
            if len(short) < 12:
                stands[start:stop] = False
            for part in np.array_split(short, max(1, len(short) // 8)):
                stands[part] &= random.random() >= 0.6
        return replace(self, stands=stands, removed_class=self._nothing, share=THINNED)

    def shortened(self) -> PageSet:
        """The same pages with one to three paragraphs of their story: whatever else there is outweighs it."""
        stands, random = self.stands.copy(), np.random.default_rng(7)
        for start, stop, prose in self._pages():
            story = start + np.flatnonzero((self.labels == 1)[start:stop] & stands[start:stop])
            paragraphs = story[prose[story - start]]
            if len(paragraphs) < 4:
                stands[start:stop] = False
            else:
                stands[story[story > paragraphs[random.integers(3)]]] = False
        return replace(self, stands=stands, removed_class=self._nothing, share=SHORTENED)

    @property
    def _nothing(self) -> Any:
        """No word of what rules took: as pages look when they are decided once more."""
        return np.full_like(self.removed_class, -1)

    def _pages(self) -> Iterator[tuple[int, int, Any]]:
        """The lines of each document, and which of them are prose."""
        prose = np.array([mass_of(line) > 0 for line in self.lines.table])
        for start, stop in zip(self.lines.first[:-1], self.lines.first[1:], strict=True):
            yield start, stop, prose[start:stop]


def read_set(path: Path, rules: Any) -> PageSet:
    with gzip.open(path, "rt", encoding="utf8") as lines:
        records = [json.loads(line) for line in lines]
    name = path.name.removesuffix(".jsonl.gz")
    documents = [Document(record["text"], id=record["id"], url=record.get("url")) for record in records]
    work = Work(documents, TextColumn.from_texts(document.text for document in documents), rules, shape=False)
    work.run()
    table = work.lines.table
    stands = (work.removed_by < 0) & (table[:, B0] < table[:, B1])
    labels = np.concatenate([label_lines(name, record) for record in records])
    rows, first = work.rows()
    spans = {r["id"]: [(x[0], x[1]) for x in rows[first[i] : first[i + 1]] if x[7]] for i, r in enumerate(records)}
    return PageSet(name, records, work.source, work.lines, stands, labels, work.removed_class, spans)


def label_lines(name: str, record: dict[str, Any]) -> Any:
    """int8 [lines]: 1 story, 0 not, -1 unknown or a matter of taste."""
    lines = record["text"].split("\n")
    if "line_labels" in record:
        story, either = STORY[name], EITHER.get(name, "")
        return np.array([1 if x in story else -1 if x in either else 0 for x in record["line_labels"]], np.int8)
    if name.startswith("control"):
        return np.ones(len(lines), np.int8)
    if "gold_with" in record:
        return _labels_of_phrases(lines, record)
    return _labels_of_body(lines, record["gold"] or "", headline_told=name == "daniel")


def _labels_of_phrases(lines: list[str], record: dict[str, Any]) -> Any:
    """Known are only the lines that hold a phrase; one that stays may stand in furniture too, then nobody knows."""
    out = np.full(len(lines), -1, np.int8)
    flat = [" ".join(line.split()) for line in lines]
    for key, label in (("gold_without", 0), ("gold_with", 1)):
        for phrase in (" ".join(phrase.split()) for phrase in record[key]):
            held = [n for n, line in enumerate(flat) if phrase in line or (len(line) > 20 and line in phrase)]
            if len(phrase) >= 3:
                out[held] = label if label == 0 or sum(phrase in flat[n] for n in held) < 2 else -1
    return out


def _labels_of_body(lines: list[str], body: str, headline_told: bool) -> Any:
    """A line is story if most of its word 4-grams are in the body; a shorter one if it is a line of it or lies within."""
    unspaced = len(UNSPACED.findall(body)) > 0.2 * len(body)

    def words(text: str) -> list[str]:
        return [c for c in text.lower() if c.isalnum()] if unspaced else WORD.findall(text.lower())

    def grams(found: list[str]) -> list[tuple[str, ...]]:
        return list(zip(*(found[n:] for n in range(4)), strict=False))

    known, whole = set(grams(words(body))), {" ".join(words(line)) for line in body.split("\n")}
    running = f" {' '.join(words(body))} "
    split = [words(line) for line in lines]
    out = np.array([len(w) >= 5 and sum(g in known for g in grams(w)) > 0.5 * (len(w) - 3) for w in split], np.int8)
    if not out.any():
        return out
    top, bottom = np.flatnonzero(out)[[0, -1]]
    for n, found in enumerate(split):
        if 0 < len(found) < 5:
            line = " ".join(found)
            if line in whole:
                out[n] = 1
            elif top <= n <= bottom and f" {line} " in running:
                out[n] = 1 if len(found) > 1 else -1
    if not headline_told:  # this gold leaves the headline out, others have it: teach neither
        above = [n for n in range(top - 1, -1, -1) if split[n]][:6]
        out[[n for n in above if 3 <= len(split[n]) <= 30 and not out[n]]] = -1
    return out


def varied(sets: list[PageSet]) -> list[PageSet]:
    pages = [one for one in sets if one.name in VARIED]
    return [*sets, *(one.thinned() for one in pages), *(one.shortened() for one in pages)]
