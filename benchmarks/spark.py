#!/usr/bin/env python3
"""Measure a run on Spark by Spark's own metrics, and write benchmarks/results/spark-N.json, for benchmarks/spark.md.

    python benchmarks/spark.py [--documents 100000] [--dump PATH] [--partitions 16] [--conf KEY=VALUE]...

Without a dump the documents are those of scale.py: 60 words, a fifth of them copies with a word added. The run is a process of
its own on this machine (local[2,4]). Bytes come from its event log: what tasks wrote for other tasks to read (shuffled,
compressed) and read from and wrote to the work folder, by the stage of `engines.spark.plan` they belong to. Memory is the
most that the process, its Java and its Python workers held together, asked of /proc every fifth of a second: Linux only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import RESULTS, machine
from scale import _records

FILES = 8
MB = 1_000_000


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--documents", type=int, default=100_000)
    cli.add_argument("--dump", type=Path)
    cli.add_argument("--partitions", type=int, default=16)
    cli.add_argument("--conf", action="append", default=[])
    args = cli.parse_args()
    with tempfile.TemporaryDirectory(dir=args.dump.parent if args.dump else None) as name:
        folder = Path(name)
        dump = args.dump or write_dump(folder / "dump", args.documents)
        told = measured(dump, folder, [f"spark.sql.shuffle.partitions={args.partitions}", *args.conf])
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"spark-{told['documents']}.json"
    path.write_text(json.dumps({"machine": machine(), **told}, indent=1) + "\n", encoding="utf-8")
    print(table(told))


def write_dump(folder: Path, documents: int) -> Path:
    folder.mkdir()
    files = [(folder / f"part-{n}.jsonl").open("w", encoding="utf-8") for n in range(FILES)]
    for i, record in enumerate(_records(documents)):
        files[i * FILES // documents].write(json.dumps(record) + "\n")
    for file in files:
        file.close()
    return folder


def measured(dump: Path, folder: Path, conf: list[str]) -> dict[str, Any]:
    """One run: its counts, the bytes of its stages, its memory."""
    (folder / "log").mkdir()
    conf = ["spark.driver.memory=2g", f"spark.local.dir={folder}/local", "spark.eventLog.enabled=true",
            f"spark.eventLog.dir={(folder / 'log').as_uri()}", "spark.eventLog.compress=false", *conf]  # fmt: skip
    command = [sys.executable, "-m", "newsclean", "run", str(dump), "-o", f"{folder}/out", "-q", "--engine", "spark"]
    command += ["--master", "local[2,4]", *(part for given in conf for part in ("--conf", given))]
    process, peak = subprocess.Popen(command), 0
    while process.poll() is None:
        peak = max(peak, sum(resident(process.pid)))
        time.sleep(0.2)
    assert process.returncode == 0, process.returncode
    told = json.loads(Path(folder, "out", "run.json").read_bytes())
    stages = by_stage(folder / "log")
    return {
        "documents": told["counts"]["input"], "bytes of text": told["characters"]["input"], "counts": told["counts"],
        "conf": conf[5:], "peak MB": round(peak / MB), "seconds": told["seconds"],
        "rounds": sum(name.startswith("verified") for name in stages), "stages": stages,
    }  # fmt: skip


def resident(pid: int) -> Iterator[int]:
    """Bytes that a process and those it started hold, each page shared among those that map it."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                yield int(line.split()[1]) << 10
        tasks = Path(f"/proc/{pid}/task").iterdir()
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended
        return
    for child in children:
        yield from resident(child)


def by_stage(log: Path) -> dict[str, dict[str, int]]:
    """Bytes and processor time by what `Plan` calls its stages, from an event log."""
    named: dict[int, str] = {}
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for path in sorted(log.rglob("events_*")):
        for line in path.open(encoding="utf-8"):
            event = json.loads(line)
            if event["Event"] == "SparkListenerJobStart":
                name = event["Properties"].get("spark.job.description") or "other"
                named.update(dict.fromkeys(event["Stage IDs"], name.removeprefix("newsclean ")))
            elif event["Event"] == "SparkListenerTaskEnd" and (metrics := event.get("Task Metrics")):
                found = sums[named[event["Stage ID"]]]
                found["tasks"] += 1
                found["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                found["read"] += metrics["Input Metrics"]["Bytes Read"]
                found["written"] += metrics["Output Metrics"]["Bytes Written"]
                found["spilled"] += metrics["Disk Bytes Spilled"]
    return {name: dict(found) for name, found in sums.items()}


def table(told: dict[str, Any]) -> str:
    n = told["documents"]
    lines = [f"{n:,} documents, {told['rounds']} rounds, {told['peak MB']:,} MB", "",
             "| stage | bytes shuffled a document | written | tasks |", "| --- | --- | --- | --- |"]  # fmt: skip
    for name, found in told["stages"].items():
        lines.append(f"| {name} | {found['shuffled'] / n:,.0f} | {found['written'] / n:,.0f} | {found['tasks']} |")
    lines.append(f"| all | {sum(found['shuffled'] for found in told['stages'].values()) / n:,.0f} | | |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
