#!/usr/bin/env python3
"""Measure speed so that the figures can be compared, and write benchmarks/results/speed.json.

    python benchmarks/measure.py [--dump PATH] [--megabytes 6] [--rounds 11]      # then: python benchmarks/render.py

Protocol: one process, one thread. The contenders take turns, round after round, so that whatever else the machine does
falls on all of them alike; time is processor time of the process, a contender's time is the median of its rounds, and
a ratio is the median of the ratios within rounds. The machine, its load and the versions are written beside the figures.
Whole runs are processes of their own, timed by the clock from start to end after one run that compiles: of the dump given, or
of SaudiNews (106 MB) where ../shared is at hand.

With NUMBA_CPU_NAME=generic (no AVX-512, and not even AVX2) the figures go to benchmarks/results/speed-generic.json.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import stages
from newsclean import Document, load_rules
from samples import generate, read_dump, write_dump, write_more_rules

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
RESULTS = Path(__file__).parent / "results"
DUMP = SEEDS.parent / "data" / "dumps" / "saudinews_ar_31k.jsonl.gz"  # whole runs are of it, where it is at hand
RUNS = 3  # whole runs of each kind
RUN_TIMES = 10  # else of so many times the text, so that starting Python counts for little


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--dump", type=Path, help="a dump to measure on; text generated from tests/samples without it")
    cli.add_argument("--megabytes", type=float, default=6.0)
    cli.add_argument("--rounds", type=int, default=11)
    args = cli.parse_args()
    documents = read_dump(args.dump, args.megabytes) if args.dump else generate(args.megabytes)
    megabytes = sum(len(document.text.encode()) for document in documents) / 1e6
    whole = args.dump or (DUMP if DUMP.exists() else None)
    told = {
        "machine": machine(),
        "text": {"from": args.dump.name if args.dump else "generated from tests/samples", "MB": round(megabytes, 1),
                 "documents": len(documents)},
        "rounds": args.rounds,
        "groups": [
            *_cleaning_seeds(args.megabytes, args.rounds),
            _cleaning(documents, megabytes, args.rounds),
            _signing(documents, megabytes, max(3, args.rounds // 2)),
            _runs(whole, documents * RUN_TIMES),
        ],
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    kind = os.environ.get("NUMBA_CPU_NAME")  # generic, x86-64-v3: kernels compiled for such a processor
    (RESULTS / f"speed{'-' * bool(kind)}{kind or ''}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        names = [
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ]
        cpu = names[0] if names else cpu
    packages = ("newsclean", "numba", "numpy", "rensa", "datasketch", "xxhash")
    return {
        "cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system(),
        "load": round(os.getloadavg()[0], 1), "date": datetime.date.today().isoformat(),
        "versions": {name: importlib.metadata.version(name) for name in packages},
    }  # fmt: skip


def in_turn(contenders: dict[str, stages.Stage], megabytes: float, rounds: int) -> list[dict[str, Any]]:
    """Time the contenders, taking turns. The first one is what the ratios are to: > 1 is slower than it."""
    for stage in contenders.values():
        stage()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, stage in contenders.items():
            start = time.process_time()
            stage()
            seconds[name].append(time.process_time() - start)
    first = next(iter(seconds.values()))
    return [
        {
            "name": name,
            "MB/s": round(megabytes / statistics.median(times), 1),
            "best MB/s": round(megabytes / min(times), 1),
            "ratio": round(statistics.median(mine / base for mine, base in zip(times, first, strict=True)), 2),
        }
        for name, times in seconds.items()
    ]


def _cleaning_seeds(megabytes: float, rounds: int) -> Iterator[dict[str, Any]]:
    """The five articles of ../shared/seeds, each many times over, where they are at hand."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    if not texts:
        print(f"{SEEDS} is not here: cleaning is measured on other text only")
        return
    times = int(megabytes * 1e6 / sum(len(text.encode()) for text in texts)) + 1
    documents = [Document(text, id=str(n)) for n, text in enumerate(texts * times)]
    size = sum(len(document.text.encode()) for document in documents) / 1e6
    book = load_rules()
    contenders = {
        "cleaning, all packs, seeds": stages.cleaning(documents, book),
        "the same from texts of type str": stages.cleaning_str(documents, book),
    }
    title = f"Cleaning the five seeds of ../shared, {times} times over, one thread, a column of UTF-8 as a run has it"
    yield {"title": title, "rows": in_turn(contenders, size, rounds)}


def _cleaning(documents: Sequence[Document], megabytes: float, rounds: int) -> dict[str, Any]:
    book = load_rules()
    with tempfile.TemporaryDirectory() as folder:
        more = load_rules([write_more_rules(Path(folder))])
    contenders = {
        "cleaning, all packs": stages.cleaning(documents, book),
        "the same from texts of type str": stages.cleaning_str(documents, book),
        f"cleaning, ten times as many rules ({len(more.rules):,})": stages.cleaning(documents, more),
        "of it: lines measured, phrases found": stages.scanning(documents, book),
        "of it: folding and hashing words": stages.folding(documents),
    }
    title = f"Cleaning, one thread, {len(book.rules):,} rules"
    return {"title": title, "rows": in_turn(contenders, megabytes, rounds)}


def _signing(documents: Sequence[Document], megabytes: float, rounds: int) -> dict[str, Any]:
    contenders = {
        "newsclean (two signatures)": stages.signing(documents),
        "rensa (RMinHash)": stages.signing_with_rensa(documents),
        "datasketch (xxhash, affine32)": stages.signing_with_datasketch(documents),
    }
    return {"title": "Text to signatures of 128 values, one thread", "rows": in_turn(contenders, megabytes, rounds)}


def _runs(dump: Path | None, documents: Sequence[Document]) -> dict[str, Any]:
    """`newsclean run` as users start it, from the start of Python to its end; without a dump on these documents."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        dump = dump or write_dump(documents, Path(folder, "generated.jsonl"))
        _run(dump, folder, 1)  # compiles
        for workers in (1, 2):
            speeds, counts = zip(*(_run(dump, folder, workers) for _ in range(RUNS)), strict=True)
            rows.append({"name": f"newsclean run, {workers} worker{'s'[: workers > 1]}", "counts": counts[0],
                         "MB/s": round(statistics.median(speeds), 1), "best MB/s": round(max(speeds), 1)})  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"title": f"Whole runs of {dump.name}, largest process {peak:.0f} MB", "rows": rows}


def _run(dump: Path, folder: str, workers: int) -> tuple[float, dict[str, int]]:
    """MB of JSON lines a second, by the clock, and run.json's counts."""
    options = ["-o", Path(folder, "out"), "--force", "-q", "--workers", str(workers)]
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "newsclean", "run", dump, *options], check=True)
    seconds = time.perf_counter() - start
    told = json.loads(Path(folder, "out", "run.json").read_bytes())
    return told["megabytes_per_second"] * told["seconds"]["total"] / seconds, told["counts"]


if __name__ == "__main__":
    main()
