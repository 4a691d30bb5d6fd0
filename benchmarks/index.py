"""The index with a large archive: documents a second, bytes a document, milliseconds a query.

    python benchmarks/index.py [--documents 1000000] [--undated] [--folder DIR] [--save]

Adds made-up news day by day, 10,000 documents a day, a tenth of them edited copies of the day before, then queries one
document after another. Seconds are by the clock. The index (4 KB a document) is written below --folder and removed. --save
puts the figures into benchmarks/results/index.json.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from measure import machine
from newsclean import DedupSettings, Document, DuplicateIndex

DAY = 10_000
COPIES = 0.1


class News:
    """Words of two to nine letters, frequent ones as in prose; 150 to 350 of them a document, 1.6 KB on average."""

    def __init__(self) -> None:
        draw = random.Random(1)
        made = ["".join(draw.choices("abcdefghijklmnoprstuvwxyz", k=draw.randint(2, 9))) for _ in range(30_000)]
        self.words = np.array(made, object)
        weights = 1 / (np.arange(len(made)) + 10)
        self.share = np.cumsum(weights / weights.sum())
        self.draw = np.random.default_rng(1)
        self.before: list[list[str]] = []

    def day(self, number: int, dated: bool) -> list[Document]:
        stories = [self._copy() if self.before and self.draw.random() < COPIES else self._story() for _ in range(DAY)]
        self.before = stories
        published = str(date(2024, 1, 1) + timedelta(number)) if dated else None
        return [Document(" ".join(s), id=f"{number}-{i}", published=published) for i, s in enumerate(stories)]

    def _story(self) -> list[str]:
        places = np.searchsorted(self.share, self.draw.random(self.draw.integers(150, 350)))
        return list(self.words[np.minimum(places, len(self.words) - 1)])

    def _copy(self) -> list[str]:
        story = self.before[self.draw.integers(len(self.before))]
        return [*story[:5], "edited", *story[8 : len(story) - 10]]


def reader_memory(folder: Path, documents: Sequence[Document]) -> int:
    """Bytes that are a reader's own (files it has mapped are the system's) once it has opened the index and queried."""
    with tempfile.TemporaryDirectory() as nothing:
        DuplicateIndex.create(Path(nothing) / "index").query(documents)  # what all of them need
        before = _resident()
        index = DuplicateIndex(folder)
        for document in documents:
            index.query([document])
        return _resident() - before


def _resident() -> int:
    told = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["RssAnon"].split()[0]) << 10


def timed_queries(index: DuplicateIndex, documents: Sequence[Document]) -> Iterator[float]:
    for document in documents:
        started = time.perf_counter()
        index.query([document])
        yield (time.perf_counter() - started) * 1000


def measure(folder: Path, documents: int, dated: bool) -> dict[str, Any]:
    news, index = News(), DuplicateIndex.create(folder, DedupSettings(window=2.0 if dated else None))
    index.query([Document("compiled", id="x")])
    seconds, duplicates, text = list[float](), 0, 0
    for number in range(documents // DAY):
        arrivals = news.day(number, dated)
        text += sum(len(document.text.encode()) for document in arrivals)
        started = time.perf_counter()
        duplicates += sum(not told.kept for told in index.add(arrivals))
        seconds.append(time.perf_counter() - started)
        print(f"{(number + 1) * DAY:,} documents, {seconds[-1]:.1f} s", file=sys.stderr, flush=True)
    today = news.day(documents // DAY, dated)[:200]
    started = time.perf_counter()
    DuplicateIndex(folder).query(today[:1])
    opening = time.perf_counter() - started
    spent = time.process_time()
    queries, stats = sorted(timed_queries(index, today)), index.stats()
    spent = time.process_time() - spent
    everywhere = sorted(timed_queries(index, [replace(document, published=None) for document in today]))
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        memory = process.submit(reader_memory, folder, today).result()
    return {
        "documents": stats.documents,
        "duplicates": duplicates,
        "segments": stats.segments,
        "documents added a second": round(documents / sum(seconds)),
        "a day of 10,000, median, s": round(statistics.median(seconds), 1),
        "the slowest day (segments merged), s": round(max(seconds), 1),
        "bytes of text a document": round(text / documents),
        "bytes on disk a document, text and all": round(stats.bytes / stats.documents),
        "a reader's own memory, MB": round(memory / 1e6),
        "a writer's peak memory with mapped files, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "opened and first query, ms": round(opening * 1000),
        "one query, processor time, ms": round(spent / len(today) * 1000, 1),
        "one query, median, ms": round(statistics.median(queries), 1),
        "one query, 95th percentile, ms": round(queries[int(len(queries) * 0.95)], 1),
        "one query without a date, all of the archive in reach, median, ms": round(statistics.median(everywhere), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument(
        "--undated", action="store_true", help="No dates and no window: all of the archive is in reach."
    )
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        told = measure(Path(folder) / "index", given.documents, not given.undated)
    print(json.dumps(told, indent=1))
    if given.save:
        path = Path(__file__).parent / "results" / "index.json"
        saved = json.loads(path.read_text()) if path.exists() else {}
        saved |= {"machine": machine(), "undated" if given.undated else "dated": told}
        path.write_text(json.dumps(saved, indent=1) + "\n")


if __name__ == "__main__":
    main()
