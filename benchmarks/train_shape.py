#!/usr/bin/env python3
"""Train the weights of the page scorer (src/newsclean/shape_weights.json) on the labelled development sets.

    python benchmarks/train_shape.py [--data ../shared/data/cleaning] [--evaluate] [-o src/newsclean/shape_weights.json]

Needs lightgbm and scikit-learn. Every line that the rules leave standing is one example: story or not, as the set's labels
say, or as its words are found in the known body (`page_sets`). Lines count by their length, documents alike.

What a line is given by others is always given by weights that never saw its host (where a set tells no hosts, its document):
the first scores, from which words and the last trees are learned; the weights of its words; the last scores, from which the
gate is learned. With --evaluate the printed figures are those of such weights; without it only the final ones are trained.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression

from newsclean.cleaning import compile_rules
from newsclean.fold import fold_table
from newsclean.kernels.context import CONTEXT, WIDTH
from newsclean.kernels.features import COLUMNS
from newsclean.kernels.shape import FAR_SCORE, PAGE_COLUMNS, measure_again, measure_pages, score_lines
from newsclean.lines import DOC, F0, F1, punctuation_table
from newsclean.rules.load import load_rules
from newsclean.shape import Weights, find_story, full_trees, vocabulary
from page_sets import ARTICLES, FOLDS, PAGES, PageSet, read_set, varied
from word_weights import Words

# Several small forests, each of other samples of the lines, say on unseen sites what one large one says, and vary less.
# What is kept is added to every score: rather a line too many than one too few.
FIRST: dict[str, Any] = {"bags": 1, "trees": 60, "keep": 0.15}
LAST: dict[str, Any] = {"bags": 2, "trees": 50, "keep": 0.25}
PARAMETERS = {
    "objective": "binary", "num_leaves": 24, "max_depth": 6, "learning_rate": 0.14, "min_data_in_leaf": 80,
    "feature_fraction": 0.6, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5, "use_missing": False,
    "verbose": -1, "deterministic": True, "force_row_wise": True, "num_threads": 1,
}  # fmt: skip
MARGIN = 0.25  # added to the gate: rather a page left as it is than an article cut

Trees = dict[str, list[Any]]


@dataclass
class Examples:
    """The lines of one set that trees learn from or score. columns: float32 [lines, columns]; use: bool [lines]."""

    of: PageSet
    columns: Any
    use: Any


def train_trees(examples: list[Examples], bags: int, trees: int, keep: float, leave_out: int = -1) -> Trees:
    """The trees of all lines in use that are known, but those of a fold."""
    columns, labels, weights = [], [], []
    for one in examples:
        use = one.use & (one.of.weights > 0) & (one.of.folds != leave_out)
        columns.append(one.columns[use])
        labels.append(one.of.labels[use])
        weights.append(one.of.weights[use])
    data = lightgbm.Dataset(np.concatenate(columns), np.concatenate(labels), weight=np.concatenate(weights))
    baked = bake([lightgbm.train(PARAMETERS | {"seed": seed}, data, trees) for seed in range(bags)])
    first = baked["root"][1]  # every line goes down the first tree, so its leaves can carry what is added to all scores
    baked["bound"][:first] = [
        round(bound + keep, 5) if column < 0 else bound
        for column, bound in zip(baked["column"][:first], baked["bound"][:first], strict=True)
    ]
    return baked


def bake(boosters: list[lightgbm.Booster]) -> Trees:
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


def cross_scores(examples: list[Examples], bags: int, trees: int, keep: float) -> tuple[list[Any], list[Trees]]:
    """The score of every line in use by trees that never saw its host, and the trees of each fold."""
    by_fold = [train_trees(examples, bags, trees, keep, fold) for fold in range(FOLDS)]
    print("trees trained", file=sys.stderr)
    scores = []
    for one in examples:
        sums = np.full(len(one.use), FAR_SCORE, np.float32)
        for fold, each in enumerate(by_fold):
            seen = np.flatnonzero(one.use & (one.of.folds == fold))
            score_lines(one.columns, seen, len(seen), full_trees(**each), sums)
        scores.append(sums)
    return scores, by_fold


def look_again(sets: list[PageSet], scores: list[Any], words: list[dict[str, float]]) -> list[Examples]:
    """The lines that their first scores do not settle. words: the vocabulary of each fold."""
    tables = [vocabulary(each) for each in words]
    examples = []
    for one, score in zip(sets, scores, strict=True):
        out = np.zeros((len(score), WIDTH), np.float32)
        out[:, : len(COLUMNS)] = one.columns
        settled = np.ones(len(score), np.bool_)
        for fold, table in enumerate(tables):
            measure_again(
                one.texts.data, fold_table(), punctuation_table(), one.lines.table, one.lines.first,
                one.stands & (one.folds == fold), table, score, out, settled,
            )  # fmt: skip
        examples.append(Examples(one, out, ~settled))
    return examples


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


def record_of(gate: list[float], first: Trees, last: Trees, words: dict[str, float]) -> str:
    told = {
        "columns": [*COLUMNS, *CONTEXT],
        "page_columns": PAGE_COLUMNS,
        "gate": gate,
        "first": first,
        "last": last,
        "words": words,
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def train(sets: list[PageSet]) -> tuple[str, list[str]]:
    """The final weights, and those of each fold, trained without its documents."""
    examples = [Examples(one, one.columns, one.seen) for one in varied(sets)]
    every = [one.of for one in examples]
    first_scores, first = cross_scores(examples, **FIRST)
    pages = [n for n, one in enumerate(sets) if one.name in PAGES]  # in articles, every word of the language is story
    words = Words([sets[n] for n in pages], [first_scores[n] for n in pages])
    by_fold = [words.weigh(fold) for fold in range(FOLDS)]
    again = look_again(every, first_scores, by_fold)
    last_scores, last = cross_scores(again, **LAST)
    scores = [np.where(one.use, new, old) for one, new, old in zip(again, last_scores, first_scores, strict=True)][: len(sets)]
    books = [record_of(train_gate(sets, scores, f), first[f], last[f], by_fold[f]) for f in range(FOLDS)]
    final = record_of(
        train_gate(sets, scores), train_trees(examples, **FIRST), train_trees(again, **LAST), words.weigh()
    )
    return final, books


def evaluate(sets: list[PageSet], books: list[str], scorer: Any) -> None:
    """Print the score of each set with the rules alone, and with the scorer as each fold would run it."""
    weights = [Weights.from_json(book) for book in books]
    for one in sets:
        gone = np.zeros(len(one.stands), np.bool_)
        for fold, each in enumerate(weights):
            found = find_story(one.texts, one.lines, one.removed_class, each).region > 0
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
    final, books = train(sets)
    args.output.write_text(final + "\n", encoding="utf-8")
    print(f"{args.output}: {args.output.stat().st_size / 1000:.0f} KB", file=sys.stderr)
    if args.evaluate:
        sys.path.insert(0, str(args.data.parent.parent / "evaluate"))
        import score_cleaning

        evaluate(sets, books, score_cleaning)


if __name__ == "__main__":
    main()
