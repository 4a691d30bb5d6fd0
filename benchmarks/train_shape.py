#!/usr/bin/env python3
"""Train the weights of the page scorer (src/newsclean/shape_weights.json) on the labelled development sets.

    python benchmarks/train_shape.py [--data ../shared/data/cleaning] [--evaluate] [-o src/newsclean/shape_weights.json]

Needs lightgbm and scikit-learn. Every line that the rules leave standing is one example: story or not, as the set's labels
say, or as its words are found in the known body. Lines count by their length, documents alike. With --evaluate every
document is scored by weights trained without its host (where a set tells no hosts, without the document), which is what
the printed figures are; without it only the final weights are trained.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression

from newsclean.cleaning import compile_rules
from newsclean.cleaning.work import Work
from newsclean.fold import fold_table
from newsclean.kernels.features import COLUMNS, is_far, mass_of
from newsclean.kernels.shape import PAGE_COLUMNS, measure_lines, measure_pages, score_lines
from newsclean.lines import B0, B1, DOC, F0, F1, SIZE, Lines, punctuation_table
from newsclean.rules.load import load_rules
from newsclean.shape import Weights, find_story, full_trees, groups_of
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
# Several small forests, each of other samples of the lines, say on unseen sites what one large one says, and vary less.
BAGS, TREES = 2, 70
PARAMETERS = {
    "objective": "binary", "num_leaves": 24, "max_depth": 6, "learning_rate": 0.14, "min_data_in_leaf": 80,
    "feature_fraction": 0.6, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5, "use_missing": False,
    "verbose": -1, "deterministic": True, "force_row_wise": True, "num_threads": 1,
}  # fmt: skip
KEEP = 0.15  # added to every score: rather a line too many than one too few
MARGIN = 0.25  # added to the gate: rather a page left as it is than an article cut
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
            self.texts.data, fold_table(), punctuation_table(), self.lines.table, self.lines.first, self.stands,
            groups_of(self.removed_class), out,
        )  # fmt: skip
        return out

    @cached_property
    def folds(self) -> Any:
        """The fold of each line: that of its document's host."""
        folds = [zlib.crc32(self._group(record).encode()) % FOLDS for record in self.records]
        return np.array(folds)[self.lines.table[:, DOC]]

    def _group(self, record: dict[str, Any]) -> str:
        host = urlsplit(record.get("url") or "").hostname
        return ".".join(host.split(".")[-2:]) if host else self.name + record["id"]

    @property
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


def train_trees(sets: list[PageSet], leave_out: int = -1) -> dict[str, list[Any]]:
    """The trees of all lines but those of a fold, and of those that the scorer never looks at."""
    columns, labels, weights = [], [], []
    for one in sets:
        x, w = one.columns, one.weights
        use = (w > 0) & (one.folds != leave_out) & ~np.array([is_far(row) for row in x])
        columns.append(x[use])
        labels.append(one.labels[use])
        weights.append(w[use])
    data = lightgbm.Dataset(np.concatenate(columns), np.concatenate(labels), weight=np.concatenate(weights))
    trees = bake([lightgbm.train(PARAMETERS | {"seed": seed}, data, TREES) for seed in range(BAGS)])
    first = trees["root"][1]  # every line goes down the first tree, so its leaves can carry what is added to all scores
    trees["bound"][:first] = [
        round(bound + KEEP, 5) if column < 0 else bound
        for column, bound in zip(trees["column"][:first], trees["bound"][:first], strict=True)
    ]
    return trees


def bake(boosters: list[lightgbm.Booster]) -> dict[str, list[Any]]:
    """The trees as flat lists, nodes before their children, left ones first; the first trees of all boosters come first."""
    column: list[int] = []
    bound: list[float] = []
    right: list[int] = []
    root: list[int] = []

    def add(node: dict[str, Any]) -> None:
        at = len(column)
        column.append(node.get("split_feature", -1))
        leaf = "threshold" not in node
        bound.append(round(node["leaf_value"] / len(boosters), 5) if leaf else float(f"{node['threshold']:.9g}"))
        right.append(0)
        if not leaf:
            add(node["left_child"])
            right[at] = len(column)
            add(node["right_child"])

    for trees in zip(*(booster.dump_model()["tree_info"] for booster in boosters), strict=True):
        for tree in trees:
            root.append(len(column))
            add(tree["tree_structure"])
    return {"column": column, "bound": bound, "right": right, "root": root}


def train_gate(sets: list[PageSet], scores: list[Any], leave_out: int = -1) -> list[float]:
    """Weights of the gate, its bias last: pages against articles, both sides weighing the same."""
    rows, is_page = [], []
    for one, score in zip(sets, scores, strict=True):
        if one.name == "almayadeen":
            continue
        out = np.zeros((len(one.records), len(PAGE_COLUMNS)))
        may = measure_pages(one.lines.table, one.lines.first, one.stands, score, out)
        may &= one.folds[one.lines.first[:-1]] != leave_out
        rows.append(out[may])
        is_page.append(np.full(int(may.sum()), one.name in PAGES))
    x, y = np.concatenate(rows), np.concatenate(is_page)
    mean, spread = x.mean(0), x.std(0)
    model = LogisticRegression(C=1.0).fit((x - mean) / spread, y, np.where(y, 1.0, y.sum() / (~y).sum()))
    weights = model.coef_[0] / spread
    return [*weights.tolist(), float(model.intercept_[0] - weights @ mean - MARGIN)]


def cross_scores(sets: list[PageSet]) -> tuple[list[Any], list[dict[str, list[Any]]]]:
    """The score of every line by trees that never saw its host, and the trees of each fold."""
    training, trees = varied(sets), []
    for fold in range(FOLDS):
        trees.append(train_trees(training, fold))
        print("fold", fold, "trained", file=sys.stderr)
    scores = []
    for one in sets:
        by_fold = []
        x = one.columns
        for each in trees:
            sums = np.zeros(len(x), np.float32)
            score_lines(x, len(x), full_trees(**each), np.empty(len(x), np.int64), sums)
            by_fold.append(sums)
        scores.append(np.choose(one.folds, by_fold))
    return scores, trees


def record_of(trees: dict[str, list[Any]], gate: list[float]) -> str:
    return json.dumps(
        {"columns": COLUMNS, "page_columns": PAGE_COLUMNS, "gate": gate, "trees": trees}, separators=(",", ":")
    )


def evaluate(sets: list[PageSet], scores: list[Any], trees: list[dict[str, list[Any]]], scorer: Any) -> None:
    """Print the score of each set with the rules alone, and with the scorer as each fold would run it."""
    books = [Weights.from_json(record_of(trees[f], train_gate(sets, scores, f))) for f in range(FOLDS)]
    for one in sets:
        gone = np.zeros(len(one.stands), np.bool_)
        for fold, weights in enumerate(books):
            found = find_story(one.texts, one.lines, one.removed_class, weights).region > 0
            gone |= found & (one.folds == fold)
        table = one.lines.table
        for what, mask in (("rules", np.zeros_like(gone)), ("shape", gone)):
            cut = {record["id"]: list(one.rule_spans[record["id"]]) for record in one.records}
            for row in table[mask]:
                cut[one.records[row[DOC]]["id"]].append((int(row[F0]), int(row[F1])))
            _, figures = scorer.score(one.name, one.records, cut)
            print(one.name.ljust(24), what, " ".join(f"{key} {value:.4f}" for key, value in figures.items()), flush=True)


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--data", type=Path, default=root.parent / "shared/data/cleaning")
    cli.add_argument("--evaluate", action="store_true")
    cli.add_argument("-o", "--output", type=Path, default=root / "src/newsclean/shape_weights.json")
    args = cli.parse_args()
    rules = compile_rules(load_rules())
    sets = [read_set(args.data / f"{name}.jsonl.gz", rules) for name in (*PAGES, *ARTICLES)]
    scores, trees = cross_scores(sets)
    if args.evaluate:
        sys.path.insert(0, str(args.data.parent.parent / "evaluate"))
        import score_cleaning

        evaluate(sets, scores, trees, score_cleaning)
    final = train_trees(varied(sets))
    args.output.write_text(record_of(final, train_gate(sets, scores)) + "\n")
    print(f"{args.output}: {args.output.stat().st_size / 1000:.0f} KB", file=sys.stderr)


if __name__ == "__main__":
    main()
