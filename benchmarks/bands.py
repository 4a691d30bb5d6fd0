#!/usr/bin/env python3
"""Candidate recall and what it costs, by the number of bands and the values in each: how the defaults were chosen.

    python benchmarks/bands.py                    # minutes; writes benchmarks/results/bands.json
    python benchmarks/bands.py --dump news.jsonl  # count pairs on a dump of your own
    python benchmarks/render.py

Recall: the labelled copies of the sets of ../shared that become candidates, by the default settings but for the bands (so the
window of dates counts too). Cost: processor time for each document of a dump,

    cost = bands * key + pairs * compare

where `key` is what one more band costs a document (its key made, sorted, its bucket walked), `pairs` the candidates a document
is in, and `compare` what comparing one pair costs. `key` and `compare` are measured with the default bands.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ablation import Set, load
from measure import machine
from newsclean import DedupSettings
from newsclean.dedup.candidates import bands_of, candidates
from newsclean.dedup.days import days as days_of
from newsclean.dedup.furniture import find_furniture
from newsclean.dedup.group import number_sources
from newsclean.dedup.sign import sign
from newsclean.dedup.verify import verify
from newsclean.text import TextColumn
from samples import read_dump
from scores import RESULTS, SHARED

SETS = {"bbc-updates": 0.99, "reuters21578-dup": 0.99, "saudinews-ar": 0.97, "impresso-fr-passim": 0.97}
"""The labelled sets, and the recall that the default settings must reach."""
DUMP = SHARED / "data" / "dumps" / "saudinews_ar_31k.jsonl.gz"
Shape = tuple[int, int]
WHOLE: tuple[Shape, ...] = ((128, 1), (64, 2), (42, 3), (32, 4), (25, 5), (16, 8))
LEAD: tuple[Shape, ...] = ((0, 3), (64, 2), (42, 3), (32, 4), (25, 5))


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--dump", type=Path, default=DUMP, help="documents on which pairs are counted")
    cli.add_argument("--megabytes", type=float, default=1000, help="of the dump, at most")
    args = cli.parse_args()
    if not (SHARED / "evaluate").is_dir():
        print(f"bands: no labelled sets at {SHARED}: nothing scored")
        return 0
    sets, dump = {name: load(name) for name in SETS}, Dump(args.dump, args.megabytes)
    usual = DedupSettings()
    shapes = [(whole, usual.lead_bands) for whole in WHOLE] + [(usual.bands, lead) for lead in LEAD]
    rows = []
    for whole, lead in sorted(set(shapes), key=shapes.index):
        settings = replace(usual, bands=whole, lead_bands=lead)
        pairs, cost = dump.cost(settings)
        row = {"whole": whole, "lead": lead, "recall": {name: recall(of, settings) for name, of in sets.items()}}
        rows.append({**row, "pairs a document": pairs, "cost, us": cost})
        print(json.dumps(rows[-1]), flush=True)
    costs = {"key, us": dump.key, "compare, us": dump.compare, "default": [usual.bands, usual.lead_bands]}
    told = {"machine": machine(), "dump": args.dump.name, "documents": dump.n, **costs}
    RESULTS.with_name("bands.json").write_text(json.dumps({**told, "rows": rows}, indent=1) + "\n", encoding="utf-8")
    found = next(row["recall"] for row in rows if (row["whole"], row["lead"]) == (usual.bands, usual.lead_bands))
    short = {name: least for name, least in SETS.items() if found[name] < least}
    for name, least in short.items():
        print(f"bands: {name}: recall {found[name]:.4f}, at least {least} is wanted")
    return 1 if short else 0


def recall(of: Set, settings: DedupSettings) -> float:
    """The share of labelled copies that are candidates."""
    texts = TextColumn.from_texts(document.text for document in of.documents)
    days = days_of(document.published for document in of.documents)
    ids = [document.id for document in of.documents]
    met = candidates(sign(texts, settings), days, settings).tolist()
    return len(of.copies.intersection((min(ids[a], ids[b]), max(ids[a], ids[b])) for a, b in met)) / len(of.copies)


class Dump:
    """A dump, signed. key, compare: microseconds of processor time."""

    def __init__(self, path: Path, megabytes: float) -> None:
        documents, usual = read_dump(path, megabytes), DedupSettings()
        self.n = len(documents)
        self._texts = TextColumn.from_texts(document.text for document in documents)
        self._signatures, self._days = sign(self._texts, usual), days_of(document.published for document in documents)
        self._sources = number_sources([document.source or document.site for document in documents])
        self._met(usual)  # compiles
        met, seconds = self._met(usual)
        self.key = 1e6 * seconds / (self.n * len(list(bands_of(usual))))
        self._verify(met[:1000], usual)
        self.compare = 1e6 * self._verify(met, usual) / len(met)

    def _met(self, settings: DedupSettings) -> tuple[Any, float]:
        start = time.process_time()
        met = candidates(self._signatures, self._days, settings)
        return met, time.process_time() - start

    def _verify(self, met: Any, settings: DedupSettings) -> float:
        start = time.process_time()
        furniture = find_furniture(met, self._texts.take, self._signatures, self._sources, settings)
        verify(met, self._texts.take, self._signatures, self._days, settings, furniture=furniture)
        return time.process_time() - start

    def cost(self, settings: DedupSettings) -> tuple[float, float]:
        """Candidate pairs a document, and the microseconds a document that they and the bands cost by the model."""
        pairs = len(self._met(settings)[0]) / self.n
        bands = len(list(bands_of(settings)))
        return float(np.round(pairs, 2)), float(np.round(bands * self.key + pairs * self.compare, 1))


if __name__ == "__main__":
    sys.exit(main())
