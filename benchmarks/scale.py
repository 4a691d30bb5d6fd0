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
- Whole runs (`newsclean run`, a process a core) of stories of about 3 KB, a fifth of them copies, at a tenth and at all of the
  documents: time, the memory of all processes together, and disk, as run.json tells them.
"""

from __future__ import annotations

import argparse
import json
import math
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

TEMPLATE = (
    "The board of {name} will propose to the general meeting on {first} May a dividend of {sum} crowns a share for the year "
    "that has ended, {more} crowns more than the year before. The shares of {name} will trade without the right to it from "
    "{second} May. The last day of trading with the right is the day before, and it will be paid out by the central office for "
    "securities on {third} May. The register of owners is closed on the same day, the company said to the exchange."
)
SETTINGS = DedupSettings()
LETTERS = "abcdefghijklmnoprstuv"


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--documents", type=int, default=1_000_000)
    args = cli.parse_args()
    n = args.documents
    told = {
        "machine": machine(),
        "template": [of_one_template(part) for part in (n // 8, n // 4, n // 2, n)],
        "memory": memory(n // 5, n),
        "runs": [a_run(part) for part in (n // 10, n)],
    }
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
            file.writelines(json.dumps(record) + "\n" for record in _records(n))
        command = [sys.executable, "-m", "newsclean", "dedup", str(dump), "-o", f"{folder}/out", "-q", "--workers", "1"]
        process, peak = subprocess.Popen(command), 0
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            peak = max([peak, *(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmRSS"))])
            time.sleep(0.02)
        assert process.returncode == 0
        return peak


def _records(n: int) -> Iterator[dict[str, str]]:
    """Sixty words each; every fifth is an earlier one with a word added."""
    draw = random.Random(n)
    known, recent = words(draw, 50_000), [""] * 5000
    for i in range(n):
        text = " ".join(draw.choices(known, k=60))
        if i > len(recent) and draw.random() < 0.2:
            text = f"{draw.choice(recent)} {draw.choice(known)}"
        else:
            recent[i % len(recent)] = text
        yield {"id": f"https://news.example/{i:09}", "text": text, "source": f"paper {i % 50}", "date": _date(i, n)}


def a_run(n: int) -> dict[str, Any]:
    """What run.json says of a run over n stories."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, "dump.jsonl")
        with dump.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in _stories(n))
        subprocess.run([sys.executable, "-m", "newsclean", "run", str(dump), "-o", f"{folder}/out", "-q"], check=True)
        told = json.loads(Path(folder, "out", "run.json").read_bytes())
        return {
            "documents": n, "kept": told["counts"]["kept"], "input MB": round(dump.stat().st_size / 1e6),
            "seconds": {stage: round(took) for stage, took in told["seconds"].items()},
            "MB/s": told["megabytes_per_second"], "memory MB": round(told["peak_memory_bytes"] / 1e6),
            "disk MB": round(told["disk_bytes"] / 1e6),
        }  # fmt: skip


def _stories(n: int) -> Iterator[dict[str, str]]:
    """Eight paragraphs of 55 words; every fifth is an earlier one with a paragraph more."""
    draw = random.Random(n)
    known, recent = words(draw, 50_000), [""] * max(n // 400, 1)  # of one day
    for i in range(n):
        if i > len(recent) and draw.random() < 0.2:
            text = f"{draw.choice(recent)}\n{_paragraph(draw, known)}"
        else:
            text = recent[i % len(recent)] = "\n".join(_paragraph(draw, known) for _ in range(8))
        yield {"id": f"https://news.example/{i:09}", "text": text, "source": f"paper {i % 50}", "date": _date(i, n)}


def _paragraph(draw: random.Random, known: list[str]) -> str:
    return " ".join(draw.choices(known, k=55)).capitalize() + "."


def _date(i: int, n: int) -> str:
    day = 365 * i // n
    return f"2024-{day // 31 + 1:02}-{day % 28 + 1:02}"


if __name__ == "__main__":
    main()
