"""The index with a large archive: documents a second, bytes a document, milliseconds a query.

    python benchmarks/index.py [--documents 100000] [--folder DIR]

Adds made-up news day by day, 10,000 documents a day, a tenth of them edited copies of the day before; then a last day,
and queries. The index is written below --folder (a temporary one by default) and removed.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

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


def resident() -> int:
    """Bytes of memory that are this process's own, without mapped files."""
    told = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["RssAnon"].split()[0]) << 10


def timed_queries(index: DuplicateIndex, documents: Sequence[Document]) -> Iterator[float]:
    for document in documents:
        started = time.perf_counter()
        index.query([document])
        yield (time.perf_counter() - started) * 1000


def measure(folder: Path, documents: int, dated: bool) -> dict[str, float]:
    news, index = News(), DuplicateIndex.create(folder, DedupSettings(window=2.0 if dated else None))
    index.query([Document("compiled", id="x")])
    before, seconds, duplicates, text = resident(), list[float](), 0, 0
    for number in range(documents // DAY):
        arrivals = news.day(number, dated)
        text += sum(len(document.text) for document in arrivals)
        started = time.perf_counter()
        duplicates += sum(not told.kept for told in index.add(arrivals))
        seconds.append(time.perf_counter() - started)
        print(f"{(number + 1) * DAY:,} documents, {seconds[-1]:.1f} s", flush=True)
    today = news.day(documents // DAY, dated)[:200]
    started = time.perf_counter()
    opened = DuplicateIndex(folder)
    opened.query(today[:1])
    opening = time.perf_counter() - started
    queries, stats = sorted(timed_queries(opened, today)), index.stats()
    started = time.perf_counter()
    index.query(today)
    together = time.perf_counter() - started
    return {
        "documents": stats.documents,
        "duplicates": duplicates,
        "segments": stats.segments,
        "added_per_second": round(documents / sum(seconds)),
        "first_day_seconds": round(seconds[0], 2),
        "median_of_last_ten_days": round(statistics.median(seconds[-10:]), 2),
        "slowest_day_seconds": round(max(seconds), 2),
        "text_bytes_per_document": round(text / documents),
        "disk_bytes_per_document": round(stats.bytes / stats.documents),
        "own_memory_bytes_per_document": round((resident() - before) / documents),
        "peak_memory_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "open_and_first_query_ms": round(opening * 1000, 1),
        "query_ms_median": round(statistics.median(queries), 2),
        "query_ms_p95": round(queries[int(len(queries) * 0.95)], 2),
        "queried_together_per_second": round(len(today) / together),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--undated", action="store_true", help="No dates and no window: all of the archive is in reach.")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        print(json.dumps(measure(Path(folder) / "index", given.documents, not given.undated), indent=1))


if __name__ == "__main__":
    main()
