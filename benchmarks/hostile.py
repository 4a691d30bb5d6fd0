#!/usr/bin/env python3
"""Input made to hurt: memory must stay bounded and time in proportion to its size, and the run must end well.

    python benchmarks/hostile.py             # minutes; status 1 naming what broke; writes benchmarks/results/hostile.json
    python benchmarks/hostile.py --only line # cases with this in their names

Each case is a file of some size and one of twice that, given to newsclean in processes of their own. What is small enough
stands in tests/test_hostile.py and tests/test_fuzz.py.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from measure import machine
from scores import RESULTS

MOST_MEMORY = 1500  # MB of one process; a run of three documents takes some 250
MOST_GROWTH = 3.0  # of processor time, where the input doubles
MB = 1 << 20
STORY = "The council voted on Monday to close the old fish market by the end of the year, and traders had not been asked. "
RUNAWAY = r"""
[[rule]]
id = "slow"
class = "id"
why = "backtracks without end on a line of digits"
pattern = ['start (?:(?:on|\d+)\s*){1,16}']
near = ['start']
drop = ['start 12 on 34']
keep = ['a start']
"""


class Case(NamedTuple):
    """What is written, at scale 1 and 2; the arguments behind `newsclean`; what run.json must then say."""

    name: str
    file: str
    write: Callable[[int], Iterator[bytes]]
    expected: Callable[[int], dict[str, int]]
    arguments: tuple[str, ...] = ("run", "{input}", "-o", "{out}", "--workers", "1", "-q")


def record(number: int, text: str, **more: object) -> bytes:
    return json.dumps({"id": number, "text": text, **more}).encode() + b"\n"


def told(number: int) -> str:
    """A story of its own: forty words that no other has."""
    return STORY + " ".join(f"w{number}x{place}" for place in range(40))


def repeated(piece: bytes, size: int) -> Iterator[bytes]:
    yield from (piece for _ in range(size // len(piece)))


def long_line(scale: int) -> Iterator[bytes]:
    yield record(1, told(1)) + b'{"text": "'
    yield from repeated(b"x" * MB, scale * 512 * MB)
    yield b'"}\n' + record(2, told(2))


def long_row(scale: int) -> Iterator[bytes]:
    yield b"id,text\n1,a\n2,"
    yield from repeated(b"word, " * 100_000, scale * 512 * MB)
    yield b"\n3,b\n"


def long_rows(scale: int) -> Iterator[bytes]:
    yield b"id,text\n"
    for n in range(scale * 100):
        yield f"{n},{f'w{n} ' * (MB // 4)}\n".encode()


def bomb(scale: int) -> Iterator[bytes]:
    yield from repeated(b"\0" * 16 * MB, scale * 2048 * MB)


def empty_lines(scale: int) -> Iterator[bytes]:
    yield record(1, told(1))
    yield from repeated(b"\n" * 1_000_000, scale * 5_000_000)
    yield record(2, told(2))


def long_document(scale: int) -> Iterator[bytes]:
    yield b'{"id": 1, "text": "'
    for n in range(scale * 2_500):
        yield " ".join(f"word{n}x{place}" for place in range(1000)).encode() + b" "
    yield b'"}\n'


def many_lines(scale: int) -> Iterator[bytes]:
    yield b'{"id": 1, "text": "'
    yield from repeated(rb"a\n" * 1000, scale * 3 * 400_000)
    yield b'"}\n'


def too_many_lines(scale: int) -> Iterator[bytes]:
    yield b'{"id": 1, "text": "'
    yield from repeated(rb"\n" * 1000, scale * 2 * 15_000_000)
    yield b'"}\n'


def stored_once(scale: int) -> Iterator[bytes]:
    """Rows of a megabyte, whose text the file holds once."""
    text = pa.DictionaryArray.from_arrays(np.zeros(scale * 400, np.int32), ["".join(f"w{n} " for n in range(MB // 7))])
    yield _parquet({"id": range(scale * 400), "text": text})


def list_stored_once(scale: int) -> Iterator[bytes]:
    """Two rows, of which one has a list of 100 GB times the scale."""
    tags = pa.DictionaryArray.from_arrays(np.zeros(scale * 100_000, np.int32), ["tag " * (MB // 4)])
    yield _parquet({"id": [1, 2], "text": [told(1), told(2)], "tags": pa.ListArray.from_arrays([0, 0, len(tags)], tags)})


def _parquet(columns: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, store_schema=False)
    return sink.getvalue()


def sites(scale: int) -> Iterator[bytes]:
    for n in range(scale * 50_000):
        yield record(n, f"{told(n)}\nTags: harbour, trade", url=f"https://www.paper{n}.example/{n}")


def one_id(scale: int) -> Iterator[bytes]:
    for n in range(scale * 20_000):
        yield record(7, told(n))


def runaway(scale: int) -> Iterator[bytes]:
    for n in range(scale * 100):
        yield record(n, f"{told(n)}\nstart {'1' * 60}-\n{STORY}")


def stream(scale: int) -> Iterator[bytes]:
    for n in range(scale * 40_000):
        yield record(n, STORY * 10)


def kept(count: int, rejected: int = 0) -> dict[str, int]:
    return {"kept": count, "duplicates": 0, "rejected": rejected}


CASES = (
    Case("a line of 1 GB, from .gz", "n.jsonl.gz", long_line, lambda scale: kept(2, 1)),
    Case("a row of 1 GB", "n.csv.gz", long_row, lambda scale: {"rejected": 1}),
    Case("a table of 200 rows of a megabyte", "n.csv.gz", long_rows, lambda scale: kept(scale * 100)),
    Case("a text file of 1 GB", "n.txt.gz", long_line, lambda scale: kept(0, 1)),
    Case("4 GB of zero bytes in 4 MB of .gz", "n.jsonl.gz", bomb, lambda scale: kept(0, 1)),
    Case("ten million empty lines", "n.jsonl", empty_lines, lambda scale: kept(2)),
    Case("one document of five million words in one line", "n.jsonl", long_document, lambda scale: kept(1)),
    Case("one document of 800,000 lines", "n.jsonl", many_lines, lambda scale: kept(1)),
    Case("one document of 30 million lines", "n.jsonl", too_many_lines, lambda scale: kept(0, 1)),
    Case("a Parquet file of 800 rows of a megabyte, stored once", "n.parquet", stored_once,
         lambda scale: {"kept": 1, "duplicates": scale * 400 - 1}),
    Case("a Parquet file with a list of 200 GB in one row", "n.parquet", list_stored_once, lambda scale: kept(1, 1)),
    Case("100,000 sites, whose lines are counted", "n.jsonl", sites, lambda scale: kept(scale * 50_000)),
    Case("40,000 documents of one id", "n.jsonl", one_id, lambda scale: kept(scale * 20_000)),
    Case("a pattern that runs away on every document", "n.jsonl", runaway, lambda scale: {"slow:base:slow": scale * 100},
         ("run", "{input}", "-o", "{out}", "--workers", "1", "-q", "--rules", "{rules}")),
    Case("an endless stream, 100 MB of it", "-", stream, lambda scale: {}, ("clean", "-", "-o", "{out}", "-q")),
)  # fmt: skip


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--only", default="", metavar="WORDS", help="cases with this in their names")
    args = cli.parse_args()
    rows, broken = [], []
    for case in CASES:
        if args.only not in case.name:
            continue
        with tempfile.TemporaryDirectory(prefix="newsclean-hostile-") as folder:
            (small, _, _), (large, memory, problems) = (measured(case, scale, Path(folder, str(scale))) for scale in (1, 2))
        row = {"case": case.name, "seconds": round(large, 1), "growth": round(large / small, 2), "MB": round(memory)}
        if large > 5 and large > MOST_GROWTH * small:
            problems.append(f"twice the input takes {large / small:.1f} times as long")
        if memory > MOST_MEMORY:
            problems.append(f"{memory:.0f} MB of memory")
        broken += [f"{case.name}: {problem}" for problem in problems]
        rows.append(row)
        print(f"{row['seconds']:8} s  x{row['growth']:<5} {row['MB']:6} MB  {case.name}", flush=True)
    for problem in broken:
        print(f"hostile: {problem}")
    if not args.only:
        told = {"machine": machine(), "rows": rows}
        RESULTS.with_name("hostile.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 1 if broken else 0


def measured(case: Case, scale: int, folder: Path) -> tuple[float, float, list[str]]:
    """Processor seconds, MB of memory at most, and what came out otherwise than it should.

    Linux counts the memory of this process, in which the other begins, as used by that: so files are written piece by piece.
    """
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "base.toml").write_text(RUNAWAY, encoding="utf-8")
    places = {"input": folder / case.file, "out": folder / "out", "rules": folder / "rules"}
    command = [sys.executable, "-m", "newsclean", *(part.format(**places) for part in case.arguments)]
    if case.file == "-":
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert process.stdin
        for piece in case.write(scale):
            process.stdin.write(piece)
        process.stdin.close()
    else:
        path = places["input"]
        with gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb") as file:
            for piece in case.write(scale):
                file.write(piece)
        process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, list(_problems(case, scale, folder, process.returncode))


def _problems(case: Case, scale: int, folder: Path, status: int) -> Iterator[str]:
    if status not in (0, 2):
        yield f"ended with status {status}"
    elif case.arguments[0] == "run":
        summary = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
        found = {**summary["counts"], **summary["flags"]}
        for name, count in case.expected(scale).items():
            if found.get(name) != count:
                yield f"{found.get(name)} {name}, not {count}"


if __name__ == "__main__":
    sys.exit(main())
