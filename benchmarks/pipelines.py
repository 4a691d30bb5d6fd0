#!/usr/bin/env python3
"""Near-duplicates from texts to groups, beside what people would use in its place: benchmarks/results/pipelines.json.

    python -m venv peers && peers/bin/pip install text-dedup spacy orjson 'datatrove[processing]' gaoya
    python benchmarks/pipelines.py [--dump PATH] [--megabytes 30] [--peers-python peers/bin/python]   # minutes

The same documents for all, taking turns, in processes of their own by the clock, so that each may use what cores it can; what
starting takes (a run of ten documents) is taken off. newsclean also compares the texts of each pair, which the others
don't do. rensa and gaoya by the fastest way that their documentation shows, from text: three-word shingles, 128 values,
16 bands of 8.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OWN = "newsclean dedup"
ROUNDS = 3


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--dump", type=Path, help="SaudiNews of ../shared without it")
    cli.add_argument("--megabytes", type=float, default=30.0)
    cli.add_argument("--peers-python", default=sys.executable, help="a Python that has text-dedup, datatrove, gaoya")
    cli.add_argument("--alone", nargs=2, metavar=("NAME", "DOCUMENTS"), help=argparse.SUPPRESS)
    args = cli.parse_args()
    if args.alone:
        lines = Path(args.alone[1]).read_text(encoding="utf-8").splitlines()
        texts = [json.loads(line)["text"] for line in lines]
        {"rensa": rensa, "gaoya": gaoya}[args.alone[0]](texts)
        return
    from measure import DUMP, RESULTS, machine  # newsclean is not installed beside the peers
    from samples import read_dump, write_dump

    dump = args.dump or DUMP
    documents = read_dump(dump, args.megabytes)
    size = sum(len(document.text.encode()) for document in documents) / 1e6
    with tempfile.TemporaryDirectory() as folder:
        few, every = write_dump(documents[:10], Path(folder, "few.jsonl")), write_dump(documents, Path(folder, "n.jsonl"))
        contenders = commands(args.peers_python)
        seconds: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, command in contenders.items():
                seconds[name].append(took(command, every, folder) - took(command, few, folder))
                print(name, round(seconds[name][-1], 2), flush=True)
    rows: list[dict[str, Any]] = []
    for name, times in seconds.items():
        middle = statistics.median(times)
        ratio = statistics.median(mine / own for mine, own in zip(times, seconds[OWN], strict=True))
        rows.append({"name": name, "seconds": round(middle, 2), "MB/s": round(size / middle, 2), "ratio": round(ratio, 1)})
    told = {"machine": machine(), "dump": dump.name, "documents": len(documents), "MB": round(size, 1), "rows": rows}
    (RESULTS / "pipelines.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def commands(peers: str) -> dict[str, list[str]]:
    """What is run of each contender: {documents} and {out} are filled in. Those that are not installed are told of."""
    workers = str(os.cpu_count())  # also for ten documents, so that starting them is taken off
    own = [sys.executable, "-m", "newsclean", "dedup", "{documents}", "-o", "{out}", "-q", "--workers", workers]
    found = {OWN: own}
    for name, python in (("rensa", sys.executable), ("gaoya", peers)):
        found[name] = [python, __file__, "--alone", name, "{documents}"]
    for name in ("text-dedup", "datatrove"):
        found[name] = [peers, str(HERE / "peers.py"), name, "{documents}", "{out}"]
    for name, command in list(found.items()):
        module = {"text-dedup": "text_dedup"}.get(name, name.split()[0])
        if subprocess.run([command[0], "-c", f"import {module}"], capture_output=True, check=False).returncode:
            print(f"{name} is not installed for {command[0]}")
            del found[name]
    return found


def took(command: Sequence[str], documents: Path, folder: str) -> float:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        filled = [part.format(documents=documents, out=f"{scratch}/out") for part in command]
        start = time.perf_counter()
        subprocess.run(filled, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def rensa(texts: Sequence[str]) -> None:
    from rensa import RMinHash, RMinHashLSH

    from stages import shingles

    made = []
    for text in texts:
        made.append(RMinHash(num_perm=128, seed=1))
        made[-1].update(shingles(text))
    found = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=16)
    for row, one in enumerate(made):
        found.insert(row, one)
    for one in made:
        found.query(one)


def gaoya(texts: Sequence[str]) -> None:
    from gaoya.minhash import MinHashStringIndex

    found = MinHashStringIndex(
        hash_size=32, jaccard_threshold=0.5, num_bands=16, band_size=8, num_hashes=128, analyzer="word", lowercase=True,
        ngram_range=(3, 3),
    )  # fmt: skip
    found.par_bulk_insert_docs(list(range(len(texts))), list(texts))
    for text in texts:
        found.query(text)


if __name__ == "__main__":
    main()
