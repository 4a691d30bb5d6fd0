#!/usr/bin/env python3
"""Where the time of a run goes, part by part, and write benchmarks/results/profile.json.

    python benchmarks/profiled.py [DUMP]         # SaudiNews of ../shared by default; then: python benchmarks/render.py

One process, processor time. Each part is a function of newsclean with a clock around it, from which the time of other parts that
it calls is taken; what no clock sees is the rest. Clocks cost a microsecond each, and stand around whole blocks or documents.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import DUMP, RESULTS, machine
from newsclean import Options, run

# What a part is called, and where those who call it find it: module, name.
PARTS = (
    ("JSON lines to texts and documents", "newsclean.pipeline.repetition", "parse_apart"),
    ("JSON lines to texts and documents", "newsclean.pipeline.prepare", "parse_apart"),
    ("lines that sites repeat counted", "newsclean.pipeline.repetition", "count_block"),
    ("lines that sites repeat counted", "newsclean.engines.blocks", "count_block"),
    ("damaged text mended", "newsclean.cleaning", "_repaired"),
    ("lines measured, phrases found", "newsclean.cleaning.reading", "scanned"),
    ("patterns", "newsclean.cleaning.reading", "match_patterns"),
    ("patterns", "newsclean.cleaning.work", "detect"),
    ("repeated lines found", "newsclean.cleaning.work", "find_repeated"),
    ("shape of the page", "newsclean.cleaning.work", "find_story"),
    ("removals decided", "newsclean.cleaning.work", "decide"),
    ("cleaned text put together", "newsclean.cleaning.work", "assemble"),
    ("cleaning, the rest", "newsclean.pipeline.prepare", "clean_column"),
    ("signatures", "newsclean.pipeline.prepare", "sign"),
    ("removals as records, fields", "newsclean.pipeline.prepare", "_removal_lines"),
    ("records as JSON, fields", "newsclean.pipeline.prepare", "_finished"),
    ("patterns timed for the list of slow rules", "newsclean.pipeline.prepare", "pattern_costs"),
    ("preparing, the rest", "newsclean.engines.local", "prepare"),
    ("candidate pairs", "newsclean.dedup.group", "candidates"),
    ("furniture of sources", "newsclean.dedup.group", "find_furniture"),
    ("pairs compared", "newsclean.dedup.group", "verify"),
    ("matching, the rest", "newsclean.engines.local", "match"),
    ("output files", "newsclean.engines.local", "_write_run"),
)


class Clock:
    """Processor time by part, without that of the parts inside."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inside = [0.0]  # of each function that runs, the time of the parts it has called

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **more: Any) -> Any:
            start = time.process_time()
            self._inside.append(0.0)
            try:
                return function(*args, **more)
            finally:
                took = time.process_time() - start
                self.seconds[name] += took - self._inside.pop()
                self._inside[-1] += took

        return timed


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("dump", nargs="?", type=Path, default=DUMP)
    args = cli.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run([args.dump], Path(folder, "compiles"), options=Options(workers=1))
        clock = Clock()
        for name, place, function in PARTS:
            module = importlib.import_module(place)
            setattr(module, function, clock.around(name, getattr(module, function)))
        start = time.process_time()
        told = run([args.dump], Path(folder, "out"), options=Options(workers=1))
        total = time.process_time() - start
    rows = {**clock.seconds, "reading, storing, starting": total - sum(clock.seconds.values())}
    documents, megabytes = told["counts"]["input"], told["megabytes_per_second"] * told["seconds"]["total"]
    found = {
        "machine": machine(), "dump": args.dump.name, "documents": documents, "MB": round(megabytes, 1),
        "seconds": round(total, 2), "by the clock": told["seconds"],
        "rows": [
            {"part": name, "us a document": round(1e6 * took / documents, 1), "share": round(took / total, 3),
             "MB/s": round(megabytes / max(took, 1e-9))}
            for name, took in sorted(rows.items(), key=lambda row: -row[1])
        ],
    }  # fmt: skip
    (RESULTS / "profile.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for row in found["rows"]:
        print(f"{row['us a document']:8} us {row['share']:6.1%} {row['MB/s']:6} MB/s  {row['part']}")


if __name__ == "__main__":
    main()
