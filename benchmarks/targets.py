"""Every figure that was asked of runs over large dumps, beside the one that was measured, and where the time goes.

Owns: the targets. Must not know: how anything was measured. What has not been measured yet is said to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Results = Callable[[str], dict[str, Any]]  # the contents of a file of benchmarks/results
GENERIC = "speed-generic.json"
UNKNOWN = "not measured"


def rows(read: Results) -> Iterator[list[str]]:
    """What was asked, the target, what was reached, by which command."""
    yield from _speed(read)
    yield from _pipelines(read("pipelines.json"))
    yield from _scale(read("scale.json"))
    yield from _resume(read("resume.json"), read("same_ids.json"))


def profile_rows(told: dict[str, Any]) -> Iterator[list[str]]:
    """The parts of a run, the slowest first."""
    for row in told["rows"]:
        yield [row["part"], f"{row['us a document']:g}", f"{row['share']:.1%}", f"{row['MB/s']:,}"]


def _speed(read: Results) -> Iterator[list[str]]:
    asked = (
        ("`run` on JSONL, two workers", "newsclean run, 2 workers", 60),
        ("cleaning seed-like text, one core", "cleaning, all packs, seeds", 100),
        ("signing, one core", "newsclean (two signatures)", 300),
    )
    for what, name, target in asked:
        for file, how in (("speed.json", ""), (GENERIC, ", without AVX-512 (`NUMBA_CPU_NAME=generic`)")):
            found = [row for group in read(file).get("groups", ()) for row in group["rows"] if row["name"] == name]
            command = "NUMBA_CPU_NAME=generic measure.py" if how else "measure.py"
            reached = f"{found[0]['MB/s']:g} MB/s, best {found[0]['best MB/s']:g}" if found else UNKNOWN
            met = bool(found) and found[0]["MB/s"] >= target
            yield [what + how, f"{target} MB/s", _said(reached, met), f"`{command}`"]


def _pipelines(told: dict[str, Any]) -> Iterator[list[str]]:
    ratios = {row["name"]: row["ratio"] for row in told.get("rows", ())}
    others = [ratios[name] for name in ("rensa", "gaoya") if name in ratios]
    asked = (("text-dedup", 20, ratios.get("text-dedup")), ("datatrove", 20, ratios.get("datatrove")),
             ("the faster of rensa and gaoya", 8, min(others, default=None)))  # fmt: skip
    for name, target, ratio in asked:
        reached = _said(UNKNOWN if ratio is None else f"{ratio:g}x", (ratio or 0) >= target)
        yield [f"whole dedup from text, beside {name}", f"{target}x as fast", reached, "`pipelines.py`"]


def _scale(told: dict[str, Any]) -> Iterator[list[str]]:
    runs = {run["documents"]: run for run in told.get("runs", ())}
    for n in (100_000, 1_000_000, 10_000_000):
        run, most, command = runs.get(n, {}), 3000 + n * 200 / 1e6, f"`scale.py --runs {n}`"
        asked = f"3 GB + 200 B each: {most:,.0f} MB"
        if not run:
            yield [f"`run` of {n:,} stories: memory, disk, time", asked, UNKNOWN, command]
            continue
        own = f" with mapped files, {run['own memory MB']:,} without" if "own memory MB" in run else ""
        reached = _said(f"{run['memory MB']:,} MB{own}, all processes", run["memory MB"] <= most)
        yield [f"`run` of {n:,} stories: memory", asked, reached, command]
        told_of = f"{run['disk MB']:,} MB at most, {run['disk MB'] / run['input MB']:.1f} times the input"
        yield [f"`run` of {n:,} stories: disk", "stated, cleaned up", told_of, command]
        each, size = 1e6 * run["seconds"]["total"] / n, 1e6 * run["input MB"] / n
        told_of = f"{run['MB/s']:g} MB/s, {each:,.0f} us a story of {size:,.0f} bytes"
        yield [f"`run` of {n:,} stories: time", "linear", told_of, command]
    largest = runs.get(1_000_000, {}).get("largest process MB")
    reached = _said(f"{largest:,} MB with mapped files" if largest else UNKNOWN, (largest or 1e9) < 700)
    yield ["largest process at 1,000,000 documents", "700 MB", reached, "`scale.py --runs 1000000`"]
    if memory := told.get("memory"):
        each = memory["bytes a document"]
        yield ["`dedup`: memory for each document more", "200 bytes", _said(f"{each} bytes", each <= 200), "`scale.py`"]


def _resume(told: dict[str, Any], same: dict[str, Any]) -> Iterator[list[str]]:
    reached, met = UNKNOWN, False
    if told:
        stages = ", ".join(f"{count} in {stage}" for stage, count in told["stages"].items())
        met = not told["problems"] and told["kills"] >= 20
        reached = f"{told['kills']} ({stages}); " + (", ".join(told["problems"]) or "all bytes the same")
    yield ["kill -9 at random moments, then `--resume`; 1 and 4 workers", "20 in a row", _said(reached, met), "`resumed.py`"]
    reached, met = UNKNOWN, False
    if same:
        met = all(row["other ids"] == 0 for row in same["rows"])
        kinds = ", ".join(row["file"].partition(".")[2] for row in same["rows"])
        reached = f"{kinds}: {same['rows'][0]['kept']:,} of {same['documents']:,} kept of each"
    yield ["the same ids kept from every format", "all", _said(reached, met), "`same_ids.py`"]


def _said(reached: str, met: bool) -> str:
    return reached if met or reached == UNKNOWN else f"{reached}: **not met**"
