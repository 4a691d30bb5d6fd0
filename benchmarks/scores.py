#!/usr/bin/env python3
"""Score cleaning and deduplication on the labelled sets of ../shared, and hold the figures against benchmarks/floors.toml.

    python benchmarks/scores.py            # score, print, write benchmarks/results/scores.json
    python benchmarks/scores.py --check    # the same; exit status 1 naming every figure that fell below its floor
    python benchmarks/scores.py --raise    # the same; raise floors to just below the figures; never lowers one
    python benchmarks/scores.py --peers    # also score the peers (minutes), for the table of benchmarks/README.md

The sets are news text of others and no part of the project: without ../shared this says so and ends with status 0.
Needs `pip install newsclean[bench]` (scikit-learn).
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
SHARED = HERE.parent.parent / "shared"
FLOORS = HERE / "floors.toml"
RESULTS = HERE / "results" / "scores.json"
NEWSCLEAN = f"{shlex.quote(sys.executable)} -m newsclean"
CLEANING_PEERS = ("c4", "justext")
DEDUP_BASELINES = {"datasketch, 5 words, t = 0.5": "5:0.5", "datasketch, 5 words, t = 0.8": "5:0.8"}
DEDUP_PEERS = ("text-dedup", "datatrove")  # see peers.py
# What falls when things get worse is held by a floor; what rises (losses, false pairs) by a ceiling.
LESS_IS_BETTER = {"chars_lost", "body_lost", "false_pairs"}
HELD = {"exact", "f1", "must_stay", "must_go", *LESS_IS_BETTER}
# Scored once more with what repeats in them removed: a site whose furniture only that gives away, and sets with none.
REPEATING = ("almayadeen", "control_antcorpus_ar", "control_derstandard_de", "control_farsnews_fa", "khabaryaab")
MARGIN = 0.005  # between a figure and the floor that --raise sets: rules move single lines
LEEWAY = {"chars_lost": 0.0005, "body_lost": 0.003, "false_pairs": 3}

Scores = dict[str, dict[str, float]]


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--check", action="store_true", help="fail where a figure is below its floor")
    cli.add_argument("--raise", dest="raise_", action="store_true", help="raise floors to just below the figures")
    cli.add_argument("--peers", action="store_true", help="score the peers as well")
    cli.add_argument("--peers-python", metavar="PATH", help="with --peers: a Python that has the tools of peers.py")
    args = cli.parse_args()
    if not (SHARED / "evaluate").is_dir():
        print(f"scores: no labelled sets at {SHARED}: nothing scored, nothing checked")
        return 0
    found = {"newsclean": {**_cleaning(), **_dedup()}}
    if args.peers:
        found.update({name: _cleaning(name) for name in CLEANING_PEERS})
        found.update({name: _dedup(baseline) for name, baseline in DEDUP_BASELINES.items()})
        if args.peers_python:
            found.update({f"{name}, defaults": _dedup_peer(name, args.peers_python) for name in DEDUP_PEERS})
    earlier = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**earlier, **found}, indent=1) + "\n", encoding="utf-8")
    floors: Scores = tomllib.loads(FLOORS.read_text(encoding="utf-8"))
    if args.raise_:
        floors = raised(floors, found["newsclean"])
        FLOORS.write_text(_toml(floors), encoding="utf-8")
    _print(found["newsclean"], floors)
    below = list(failures(found["newsclean"], floors))
    for failure in below:
        print(f"scores: {failure}")
    return 1 if args.check and below else 0


def failures(scores: Scores, floors: Scores) -> Iterator[str]:
    """Each figure that is on the wrong side of its floor, or was not measured."""
    for name, held in floors.items():
        for figure, floor in held.items():
            value = scores.get(name, {}).get(figure)
            if value is None:
                yield f"{name} {figure}: not measured, its floor is {floor}"
            elif figure in LESS_IS_BETTER and value > floor:
                yield f"{name} {figure}: {value:.4f} is above its ceiling {floor}"
            elif figure not in LESS_IS_BETTER and value < floor:
                yield f"{name} {figure}: {value:.4f} is below its floor {floor}"


def raised(floors: Scores, scores: Scores) -> Scores:
    """The floors moved up to a small margin below what is reached now, ceilings down; none the other way."""
    new = {name: dict(held) for name, held in floors.items()}
    for name, figures in scores.items():
        for figure in sorted(HELD & figures.keys()):
            value, held = figures[figure], new.setdefault(name, {})
            if figure in LESS_IS_BETTER:
                bound = round(value + LEEWAY[figure], 4)
                held[figure] = min(held.get(figure, bound), bound)
            else:
                bound = 1.0 if value == 1 else round(value - MARGIN, 3)
                if bound > 0:
                    held[figure] = max(held.get(figure, bound), bound)
    return {name: held for name, held in new.items() if held}


def _cleaning(baseline: str = "") -> Scores:
    how = ["--baseline", baseline] if baseline else ["--command", f"{NEWSCLEAN} clean - -o - -q"]
    scores = dict(_lines("score_cleaning.py", how))
    if not baseline:
        again = _lines("score_cleaning.py", [*how[:-1], f"{how[-1]} --profile auto", "--sets", ",".join(REPEATING)])
        scores |= {f"{name}-profile-auto": figures for name, figures in again}
    return scores


def _dedup(baseline: str = "") -> Scores:
    how = ["--baseline", baseline] if baseline else ["--command", f"{NEWSCLEAN} dedup {{docs}} -o {{out}} -q"]
    return dict(_lines("score_dedup.py", how))


def _dedup_peer(name: str, python: str) -> Scores:
    command = f"{shlex.quote(python)} {shlex.quote(str(HERE / 'peers.py'))} {name} {{docs}} {{out}}"
    return dict(_lines("score_dedup.py", ["--command", command]))


def _lines(script: str, how: list[str]) -> Iterator[tuple[str, dict[str, float]]]:
    """Run a scorer; the figures of each set as it tells them."""
    command = [sys.executable, SHARED / "evaluate" / script, "--json", *how]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    for line in done.stdout.splitlines():
        if seeds := re.match(r"seeds\s+(\{.*\})", line):  # the one line that is not JSON
            right, of = ast.literal_eval(seeds[1])["exact"].split("/")
            yield "seeds", {"exact": int(right) / int(of)}
            continue
        told = json.loads(line)
        yield told["set"], {k: v for k, v in told.items() if k not in ("set", "kind", "seconds")}


def _print(scores: Scores, floors: Scores) -> None:
    for name, figures in scores.items():
        held = floors.get(name, {})
        told = (f"{k} {v:.4f}" + (f" ({held[k]:g})" if k in held else "") for k, v in figures.items())
        print(f"{name:26s} {'  '.join(told)}")


def _toml(floors: Scores) -> str:
    head = FLOORS.read_text(encoding="utf-8").split("\n\n")[0]  # the comment on top stays
    tables = (
        "\n".join([f"[{name}]", *(f"{k} = {v}" for k, v in held.items())]) for name, held in sorted(floors.items())
    )
    return "\n\n".join([head, *tables]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
