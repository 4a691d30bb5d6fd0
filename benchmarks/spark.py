#!/usr/bin/env python3
"""Measure a run on Spark by Spark's own metrics: benchmarks/results/spark-*.json, and from these the tables of spark.md.

    python benchmarks/spark.py [--documents 100000] [--dump PATH] [--partitions 16] [--conf KEY=VALUE]...
    python benchmarks/spark.py --bands --documents 10000000 --partitions 64
    python benchmarks/spark.py --render

Without a dump the documents are those of scale.py: 60 words, a fifth of them copies with a word added. --bands: only what grows
most, from band keys to candidate pairs; texts are made and signed in tasks, and are not written. The run is a process of its own
on this machine (local[2,4]). Bytes come from its event log: what tasks wrote for other tasks to read (shuffled, compressed) and
read from and wrote to the work folder, by the stage of `engines.spark.plan` they belong to. Memory is the most that the process,
its Java and its Python workers held together, asked of /proc every other second (Linux only), disk the most that all files
of the run but its input took. TMPDIR says where.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from measure import RESULTS, machine
from scale import short_records

PAGE = Path(__file__).with_suffix(".md")
FILES = 8
BLOCK = 2000  # documents
TASK = 100_000  # documents that are made by one task
MB = 1_000_000
MADE = "generated"


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--documents", type=int, default=100_000)
    cli.add_argument("--dump", type=Path)
    cli.add_argument("--bands", action="store_true")
    cli.add_argument("--partitions", type=int, default=16)
    cli.add_argument("--memory", default="2g", help="of Java")
    cli.add_argument("--conf", action="append", default=[])
    cli.add_argument("--render", action="store_true")
    cli.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    args = cli.parse_args()
    if args.inside:
        find_bands(args.inside, args.documents, args.conf)
        return
    if not args.render:
        with tempfile.TemporaryDirectory() as folder:
            told = measured(args, Path(folder))
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"spark-{'bands-' if args.bands else ''}{told['documents']}.json"
        path.write_text(json.dumps({"machine": machine(), **told}, indent=1) + "\n", encoding="utf-8")
    render()


def write_dump(folder: Path, documents: int) -> Path:
    folder.mkdir()
    files = [(folder / f"part-{n}.jsonl").open("w", encoding="utf-8") for n in range(FILES)]
    for i, record in enumerate(short_records(documents)):
        files[i * FILES // documents].write(json.dumps(record) + "\n")
    for file in files:
        file.close()
    return folder


def measured(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """One run: its counts, the bytes of its stages, its memory and disk."""
    run = folder / "run"
    (run / "log").mkdir(parents=True)
    wanted = [f"spark.sql.shuffle.partitions={args.partitions}", f"spark.driver.memory={args.memory}", *args.conf]
    conf = [f"spark.local.dir={run}/local", "spark.eventLog.enabled=true", f"spark.eventLog.dir={(run / 'log').as_uri()}",
            "spark.eventLog.compress=false", *wanted]  # fmt: skip
    if args.bands:
        command = [sys.executable, __file__, "--inside", str(run / "out"), "--documents", str(args.documents)]
    else:
        dump = args.dump or write_dump(folder / "dump", args.documents)
        command = [sys.executable, "-m", "newsclean", "run", str(dump), "-o", f"{run}/out", "-q", "--engine", "spark"]
        command += ["--master", "local[2,4]"]
    peak, disk = watched([*command, *(part for given in conf for part in ("--conf", given))], run)
    told = json.loads((run / "out" / "run.json").read_bytes())
    stages = by_stage(run / "log")
    return {
        "documents": told["counts"]["input"], "of": args.dump.name if args.dump else MADE, "bytes of text":
        told["characters"]["input"], "counts": told["counts"], "conf": wanted, "peak MB": round(peak / MB),
        "disk MB": round(disk / MB), "seconds": told["seconds"],
        "rounds": sum(name.startswith("verified") for name in stages), "stages": stages,
    }  # fmt: skip


def watched(command: list[str], folder: Path) -> tuple[int, int]:
    """The most memory and disk that a command takes, in bytes."""
    tasks = {"PYTHONPATH": os.pathsep.join([str(PAGE.parent), os.environ.get("PYTHONPATH", "")])}
    process, memory, disk = subprocess.Popen(command, env=os.environ | tasks), 0, 0
    while process.poll() is None:
        memory, disk = max(memory, sum(resident(process.pid))), max(disk, used(folder))
        time.sleep(2)  # asking takes a tenth of a second for a Java of some GB
    assert process.returncode == 0, process.returncode
    return memory, disk


def used(folder: Path) -> int:
    """Bytes of all files below a folder that are there to be asked."""
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_size
        except OSError:  # removed meanwhile
            continue
    return size


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


def find_bands(folder: Path, documents: int, conf: list[str]) -> None:
    """What `Plan` does from documents to candidate pairs, without texts; writes a run.json of its own."""
    from newsclean.engines.spark.plan import Plan
    from newsclean.engines.spark.prepare import KEYS, ORDER, PREPARED
    from newsclean.engines.spark.session import start_session
    from newsclean.pipeline.job import Job

    spark = start_session("local[2,4]", conf)
    started = time.perf_counter()
    plan = Plan(spark, Job(), folder.as_uri())
    tasks = spark.range(0, documents, TASK, -(-documents // TASK))
    columns = ["row", "name", *KEYS, "sketch", "words", "digest", "days", *ORDER]
    rows = tasks.mapInArrow(signed(documents), PREPARED).where("row is not null").select(columns)
    prepared = plan.stored("prepared", rows)
    seconds = {"prepare": time.perf_counter() - started}
    pairs = plan.candidates(prepared, documents).count()
    seconds["total"] = time.perf_counter() - started
    told = {"counts": {"input": documents, "candidates": pairs}, "characters": {"input": 0}, "seconds": seconds}
    (folder / "run.json").write_text(json.dumps(told), encoding="utf-8")


def signed(documents: int) -> Any:
    """A function of tasks: documents made from number to number, as `prepare.PREPARED`."""

    def task(batches: Iterator[Any]) -> Iterator[Any]:
        from newsclean.engines.spark.prepare import prepare_blocks
        from newsclean.pipeline.job import Job

        starts = [first for batch in batches for first in batch.column(0).to_pylist()]
        blocks = (block for first in starts for block in made_blocks(first, documents))
        yield from prepare_blocks(blocks, Job(), again=False)

    return task


def made_blocks(first: int, documents: int) -> Iterator[tuple[int, Any]]:
    from newsclean.formats import Block

    records = (("made", 1, record) for record in short_records(documents, range(first, min(first + TASK, documents))))
    while some := tuple(islice(records, BLOCK)):
        yield first // TASK, Block("made", records=some)


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


def render() -> None:
    """Put the tables of all results into the page, between its marks."""
    page = PAGE.read_text(encoding="utf-8")
    results = [json.loads(path.read_bytes()) for path in RESULTS.glob("spark-*.json")]
    results.sort(key=lambda told: (told.get("of", MADE) == MADE, "candidates" in told["counts"], told["documents"]))
    begin, end = "<!-- measured -->\n", "<!-- as said -->\n"
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2]
    PAGE.write_text(before + begin + "\n".join(table(told) for told in results) + end + after, encoding="utf-8")


def table(told: dict[str, Any]) -> str:
    n, counts = told["documents"], told["counts"]
    what = f"{n:,} documents {'made up' if told.get('of', MADE) == MADE else 'of ' + told['of']}"
    if "candidates" in counts:
        said = f"from band keys to {counts['candidates']:,} candidate pairs"
    else:
        said = f"{counts['kept']:,} kept, {told['rounds']} rounds of clustering"
    held = f"at most {told['peak MB']:,} MB of memory, Java and Python together"
    if "disk MB" in told:
        held += f", and {told['disk MB']:,} MB of disk"
    lines = [f"### {what}\n", f"{said[0].upper()}{said[1:]}; {held}; `{' '.join(told['conf'])}`.\n",
             "| stage | bytes shuffled a document | written | tasks |", "| --- | --- | --- | --- |"]  # fmt: skip
    for name, found in [*told["stages"].items(), ("all", total(told["stages"]))]:
        lines.append(f"| {name} | {found['shuffled'] / n:,.0f} | {found['written'] / n:,.0f} | {found['tasks']:,} |")
    return "\n".join(lines) + "\n"


def total(stages: dict[str, dict[str, int]]) -> Counter[str]:
    return sum((Counter(found) for found in stages.values()), Counter())


if __name__ == "__main__":
    main()
