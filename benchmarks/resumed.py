#!/usr/bin/env python3
"""Kill a run again and again, and see that it ends with the same bytes, as --workers 1 and 4 do; writes results/resume.json.

    python benchmarks/resumed.py [--dump PATH] [--kills 20] [--seed 1]       # minutes; status 1 where any byte is another

kill -9 of the run and its workers, after a time of chance that is as long as an undisturbed run at most; then `--resume`, and so
on. A run that comes to its end before it is killed is compared and begun anew. Of run.json, which tells times, all but these.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from measure import RESULTS, machine
from stories import write_stories

DOCUMENTS = 20_000  # 60 MB
CHANGES = ("seconds", "megabytes_per_second", "peak_memory_bytes", "disk_bytes", "slowest_rules")  # from one run to the next


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--dump", type=Path, help="a dump of your own; made-up stories without it")
    cli.add_argument("--kills", type=int, default=20)
    cli.add_argument("--seed", type=int, default=1)
    args = cli.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsclean-kills-") as scratch:
        folder, dump = Path(scratch), args.dump
        if dump is None:
            dump = folder / "stories.jsonl.zst"
            write_stories(dump, DOCUMENTS)
        finish(dump, folder / "four", 4)
        start = time.perf_counter()
        finish(dump, folder / "one", 1)
        whole = contents(folder / "one")
        problems = ["--workers 4 differs from --workers 1"] * (contents(folder / "four") != whole)
        longest, draw = time.perf_counter() - start, random.Random(args.seed)
        stages, ends = killed(dump, folder / "out", args.kills, longest, draw, problems, whole)
        finish(dump, folder / "out", 2)
        problems += ["the last run differs from one left alone"] * (contents(folder / "out") != whole)
    told = {"machine": machine(), "dump": dump.name, "kills": args.kills, "stages": stages, "runs ended": ends + 1}
    told["problems"] = problems
    (RESULTS / "resume.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told))
    return 1 if problems else 0


def killed(
    dump: Path, out: Path, kills: int, longest: float, draw: random.Random, problems: list[str], whole: dict[str, bytes]
) -> tuple[dict[str, int], int]:
    """How many kills met which stage, and how many runs came to their end in between."""
    stages: Counter[str] = Counter()
    ends = 0
    while sum(stages.values()) < kills:
        process = subprocess.Popen(command(dump, out, 2), start_new_session=True, stderr=subprocess.DEVNULL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0, longest))
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            stages[stage_of(out)] += 1
            continue
        ends += 1
        problems += [f"run {ends} differs from one left alone"] * (process.returncode != 0 or contents(out) != whole)
        shutil.rmtree(out)
    return dict(stages), ends


def stage_of(out: Path) -> str:
    """What a killed run was doing, from the work files it left."""
    work = out / ".work"
    if (work / "matches.npz").exists():
        return "write"
    if (work / "journal.jsonl").exists():
        return "prepare or match"
    return "count" if work.exists() else "end" if (out / "run.json").exists() else "start"


def finish(dump: Path, out: Path, workers: int) -> None:
    subprocess.run(command(dump, out, workers), check=True)


def command(dump: Path, out: Path, workers: int) -> list[str]:
    return [sys.executable, "-m", "newsclean", "run", str(dump), "-o", str(out), "--resume", "-q", "--workers", str(workers)]


def contents(folder: Path) -> dict[str, bytes]:
    """What is in a folder; of run.json what is not time or memory."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    told = json.loads(found.pop("run.json"))
    found["run.json"] = json.dumps({name: value for name, value in told.items() if name not in CHANGES}).encode()
    return found


if __name__ == "__main__":
    sys.exit(main())
