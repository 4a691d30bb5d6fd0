#!/usr/bin/env python3
"""Measure how near-duplicate detection grows with the number of documents, and write benchmarks/results/scale.json.

    python benchmarks/scale.py [--documents 1000000]      # then: python benchmarks/render.py; half an hour

Three questions, on text made up here:
- One template filled in a million times, the hardest case for buckets: seconds from signatures to candidate pairs at an
  eighth, a quarter, half and all of the documents. Divided by n log n they should stay about the same; n squared would
  double. The pairs, and with them the time of verifying, should grow with n.
- Memory: the most that `newsclean dedup` holds at one time, pages of mapped files included, at a fifth and at all of the
  documents (a fifth of them copies); the difference for each document more, so that what every run needs does not count.
  Linux only.
- Whole runs (`newsclean run`, a process a core) of stories of about 3 KB, a fifth of them copies, read from one .zst file:
  time by stage, the most memory that all processes and the largest of them hold at one time, and the most disk. At a tenth
  and at all of the documents, or as --runs says; what was measured of other numbers before stays in scale.json.

    python benchmarks/scale.py --runs 100000 1000000 10000000 --folder /somewhere/large [--compress]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from measure import RESULTS, machine
from newsclean import DedupSettings
from newsclean.dedup.candidates import candidates
from newsclean.dedup.sign import sign
from newsclean.text import TextColumn
from stories import LETTERS, PARAGRAPHS, date, write_stories

TEMPLATE = (
    "The board of {name} will propose to the general meeting on {first} May a dividend of {sum} crowns a share for the year "
    "that has ended, {more} crowns more than the year before. The shares of {name} will trade without the right to it from "
    "{second} May. The last day of trading with the right is the day before, and it will be paid out by the central office for "
    "securities on {third} May. The register of owners is closed on the same day, the company said to the exchange."
)
SETTINGS = DedupSettings()
PAGE = os.sysconf("SC_PAGESIZE")


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--documents", type=int, default=1_000_000, help="for the first two questions (default: %(default)s)")
    cli.add_argument("--runs", type=int, nargs="*", metavar="N", help="only whole runs, of so many stories each")
    cli.add_argument("--folder", type=Path, help="where dumps and outputs of whole runs lie meanwhile (default: the system's)")
    cli.add_argument("--compress", action="store_true", help="whole runs write .zst, where disk is short")
    cli.add_argument("--paragraphs", type=int, default=PARAGRAPHS, help="of a story of whole runs (default: %(default)s, 3 KB)")
    args = cli.parse_args()
    path = RESULTS / "scale.json"
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    n = args.documents
    if args.runs is None:
        told |= {
            "machine": machine(),
            "template": [of_one_template(part) for part in (n // 8, n // 4, n // 2, n)],
            "memory": memory(n // 5, n),
        }
        save(told)
    for stories in (n // 10, n) if args.runs is None else args.runs:
        run = a_run(stories, args.folder, args.paragraphs, compress=args.compress)
        run |= {"date": machine()["date"], "load": machine()["load"]}
        others = [other for other in told.get("runs", ()) if other["documents"] != stories]
        told["runs"] = sorted([*others, run], key=lambda run: run["documents"])
        save(told)
        print(json.dumps(run), flush=True)


def save(told: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "scale.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def words(draw: random.Random, count: int) -> list[str]:
    return ["".join(draw.choices(LETTERS, k=draw.randint(3, 9))) for _ in range(count)]


def of_one_template(n: int) -> dict[str, Any]:
    """Seconds of processor time and pairs for n documents that differ in nothing but names, numbers and dates."""
    draw = random.Random(n)
    names = [word.capitalize() for word in words(draw, 3000)]
    texts = TextColumn.from_texts(_filled_in(draw, names) for _ in range(n))
    signatures = sign(texts, SETTINGS)
    start = time.process_time()
    met = candidates(signatures, None, SETTINGS)
    seconds = time.process_time() - start
    return {
        "documents": n, "seconds": round(seconds, 1), "pairs a document": round(len(met) / n, 1),
        "ns / (n log n)": round(seconds * 1e9 / (n * math.log2(n))),
    }  # fmt: skip


def _filled_in(draw: random.Random, names: list[str]) -> str:
    first, second, third = sorted(draw.choices(range(1, 31), k=3))
    return TEMPLATE.format(
        name=f"{draw.choice(names)} {draw.choice(names)}", sum=draw.randint(1, 99), more=draw.randint(1, 20), first=first,
        second=second, third=third,
    )  # fmt: skip


def memory(few: int, many: int) -> dict[str, Any]:
    """Bytes for each document, from the peaks of two runs."""
    peaks = [_peak(n) for n in (few, many)]
    return {"documents": [few, many], "peak MB": [round(peak / 1e6) for peak in peaks],
            "bytes a document": round((peaks[1] - peaks[0]) / (many - few))}  # fmt: skip


def _peak(n: int) -> int:
    """The most memory that `newsclean dedup` of n short documents has at one time, in bytes: its resident set."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, "dump.jsonl")
        with dump.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in short_records(n))
        command = [sys.executable, "-m", "newsclean", "dedup", str(dump), "-o", f"{folder}/out", "-q", "--workers", "1"]
        process, peak = subprocess.Popen(command), 0
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            peak = max([peak, *(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmRSS"))])
            time.sleep(0.02)
        assert process.returncode == 0
        return peak


def short_records(n: int, rows: range | None = None) -> Iterator[dict[str, str]]:
    """Sixty words each; every fifth is an earlier one with a word added. rows: which of the n, that know no others."""
    rows, draw = rows or range(n), random.Random(n)
    known, recent = words(draw, 50_000), [""] * 5000
    if rows.start:
        draw.seed(n + rows.start)
    for i in rows:
        text = " ".join(draw.choices(known, k=60))
        if i > rows.start + len(recent) and draw.random() < 0.2:
            text = f"{draw.choice(recent)} {draw.choice(known)}"
        else:
            recent[i % len(recent)] = text
        yield {"id": f"https://news.example/{i:09}", "text": text, "source": f"paper {i % 50}", "date": date(i, n)}


def a_run(n: int, place: Path | None, paragraphs: int, *, compress: bool) -> dict[str, Any]:
    """What run.json says of a run over n stories, and what was seen of it."""
    with tempfile.TemporaryDirectory(dir=place, prefix="newsclean-scale-") as folder:
        dump, out = Path(folder, "stories.jsonl.zst"), Path(folder, "out")
        started = time.perf_counter()
        size = write_stories(dump, n, paragraphs)
        print(f"{n:,} stories written in {time.perf_counter() - started:.0f} s, {size / 1e9:.1f} GB of JSON lines", flush=True)
        command = [sys.executable, "-m", "newsclean", "run", str(dump), "-o", str(out)]
        peaks = watched(command + ["--compress", "zstd"] * compress, out)
        told = json.loads((out / "run.json").read_bytes())
        return {
            "documents": n, "kept": told["counts"]["kept"], "input MB": round(size / 1e6),
            "seconds": {stage: round(took) for stage, took in told["seconds"].items()},
            "MB/s": told["megabytes_per_second"], **peaks, "stored MB": round(dump.stat().st_size / 1e6),
            "output MB": round(told["disk_bytes"] / 1e6), "compressed": compress,
        }  # fmt: skip


def watched(command: list[str], folder: Path) -> dict[str, int]:
    """Run a command to its end: the most memory its processes held, and the most disk that `folder` took, at one time, in MB.

    memory: resident pages, those of mapped files and of shared libraries included; own: without them.
    """
    peaks = {"memory MB": 0, "own memory MB": 0, "largest process MB": 0, "disk MB": 0}
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            held = [pages for pid in _family(process.pid) if (pages := _pages(pid))]
            disk = sum(_size(path) for path in folder.rglob("*"))
            resident, own = (sum(kind) * PAGE for kind in zip(*held, strict=True)) if held else (0, 0)
            now = resident, own, max((pages[0] * PAGE for pages in held), default=0), disk
            peaks = {name: max(peak, round(seen / 1e6)) for (name, peak), seen in zip(peaks.items(), now, strict=True)}
            time.sleep(0.2)
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    return peaks


def _family(pid: int) -> list[int]:
    """A process and those it started, and so on."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended
        return []
    return [pid, *(other for child in children for other in _family(int(child)))]


def _pages(pid: int) -> tuple[int, int] | None:
    """Resident pages of a process, and those of them that are no file's."""
    try:
        _, resident, of_files, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    except (OSError, ValueError):
        return None
    return resident, resident - of_files


def _size(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512
    except OSError:  # renamed or removed since it was listed
        return 0


if __name__ == "__main__":
    main()
