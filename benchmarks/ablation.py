#!/usr/bin/env python3
"""What each criterion of near-duplicate detection does: the labelled sets of ../shared, scored with one left out at a time.

    python benchmarks/ablation.py      # minutes; writes benchmarks/results/ablation.json; then: python benchmarks/render.py

Settings are changed, nothing else, but for the last row: it takes the same pairs and lets clusters chain.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.metrics import adjusted_rand_score

from newsclean import DedupSettings, Document, FieldNames
from newsclean.dedup.days import days as days_of
from newsclean.dedup.group import group, number_sources, rank_documents
from newsclean.dedup.sign import sign
from newsclean.formats import Block, parse
from newsclean.text import TextColumn
from scores import RESULTS, SHARED

NEVER = 10**9
SETS = ("bbc-updates", "reuters21578-dup", "saudinews-ar", "impresso-fr-passim", "masakhane-templates")
LEFT_OUT: dict[str, dict[str, Any]] = {
    "nothing": {},
    "candidates: bands for t = .5 (25 of 5 values)": {"bands": (25, 5), "lead_bands": (25, 5)},
    "candidates: no signature of the lead": {"lead_bands": (0, 3)},
    "dates: no window": {"window": None},
    "furniture of a source counts": {"furniture": NEVER},
    "no copies reworded: the same threshold for all": {"reworded": 2.0},
    "copies reworded may bring in any names": {"reworded_names": NEVER},
    "any shared text is enough, quoted or not": {"shared": 0},
    "no template guard": {"short": 0, "dense": NEVER},
    "template guard: names don't count": {"names": NEVER, "replaced": NEVER},
    "template guard: numbers don't count": {"numbers": 0.0},
    "template guard: no correction is let through": {"correction": NEVER},
    "template guard on long prose too": {"short": NEVER},
    "broken text compared by words": {"broken_rate": 2.0},
}
CHAINED = "clusters chain (connected components)"


class Set(NamedTuple):
    documents: list[Document]
    clusters: list[str]  # as labelled
    copies: set[tuple[str, str]]
    unscored: set[tuple[str, str]]


def main() -> None:
    if not (SHARED / "evaluate").is_dir():
        print(f"ablation: no labelled sets at {SHARED}: nothing scored")
        return
    sets = {name: load(name) for name in SETS}
    found = {left_out: {name: score(of, **changes) for name, of in sets.items()} for left_out, changes in LEFT_OUT.items()}
    found[CHAINED] = {name: score(of, chained=True) for name, of in sets.items()}
    path = RESULTS.with_name("ablation.json")
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _scorer() -> Any:
    spec = importlib.util.spec_from_file_location("score_dedup", SHARED / "evaluate" / "score_dedup.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(name: str) -> Set:
    """A labelled set, with the pairs that its scorer counts."""
    scorer, folder = _scorer(), SHARED / "data" / "dedup" / name
    rows = [row for row in scorer.rows(folder / "docs.jsonl.gz") if len(scorer.WORD.findall(row["text"])) >= 5]
    pairs = folder / "pairs.jsonl.gz"
    copies, unscored = scorer.gold(name, rows, scorer.rows(pairs) if pairs.exists() else [])
    told = [{key: value for key, value in row.items() if key not in ("cluster", "label")} for row in rows]
    lines = b"\n".join(json.dumps(record).encode() for record in told)
    documents = parse(Block(name, lines=lines), FieldNames()).documents
    return Set(documents, [str(row["cluster"]) for row in rows], copies, unscored)


def score(of: Set, chained: bool = False, **changes: Any) -> dict[str, float]:
    """f1 of pairs, ari of clusters, false pairs."""
    settings = replace(DedupSettings(), **changes)
    texts = TextColumn.from_texts(document.text for document in of.documents)
    signatures, days = sign(texts, settings), days_of(document.published for document in of.documents)
    rank = rank_documents(of.documents, signatures, days, settings)
    sources = number_sources([document.source or document.site for document in of.documents])
    pairs, kept = group(signatures, texts.take, days, rank, settings, sources)
    ids = [document.id for document in of.documents]
    found = {(min(ids[a], ids[b]), max(ids[a], ids[b])) for a, b in pairs.rows.tolist()} - of.unscored
    right = len(found & of.copies)
    return {
        "f1": 2 * right / max(len(found) + len(of.copies), 1),
        "ari": float(adjusted_rand_score(of.clusters, components(pairs.rows, len(ids)) if chained else kept)),
        "false_pairs": len(found) - right,
    }


def components(pairs: npt.NDArray[np.int64], n: int) -> Sequence[int]:
    """The connected component of each row."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(edges, directed=False)[1]  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
