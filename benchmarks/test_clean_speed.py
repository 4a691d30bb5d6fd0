"""Cleaning, stage by stage, and a whole run. MB of text per second stand in `extra_info` of the JSON.

    pytest benchmarks/test_clean_speed.py [--dump PATH] --benchmark-columns=min,median,rounds

Rounds of one benchmark follow one another here; benchmarks/measure.py takes turns, which is what ratios need.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsclean import Document, load_rules, run
from samples import write_more_rules
from stages import cleaning, folding, scanning


def _measure(benchmark: Any, stage: Callable[[], Any], megabytes: float, rounds: int = 7) -> Any:
    made = benchmark.pedantic(stage, rounds=rounds, warmup_rounds=1)
    benchmark.extra_info["MB/s"] = round(megabytes / benchmark.stats.stats.median, 1)
    return made


def test_folding(benchmark: Any, documents: list[Document], megabytes: float) -> None:
    _measure(benchmark, folding(documents), megabytes)


def test_scanning(benchmark: Any, documents: list[Document], megabytes: float) -> None:
    _measure(benchmark, scanning(documents, load_rules()), megabytes)


def test_cleaning_with_all_packs(benchmark: Any, documents: list[Document], megabytes: float) -> None:
    made = _measure(benchmark, cleaning(documents, load_rules()), megabytes)
    assert len(made) == len(documents)


def test_cleaning_with_ten_times_as_many_rules(
    benchmark: Any, documents: list[Document], megabytes: float, tmp_path: Path
) -> None:
    book, more = load_rules(), load_rules([write_more_rules(tmp_path)])
    made = _measure(benchmark, cleaning(documents, more), megabytes)
    benchmark.extra_info["rules"] = len(more.rules)
    plain = cleaning(documents, book)()
    assert [made.texts[i] for i in range(len(made))] == [plain.texts[i] for i in range(len(plain))]


@pytest.mark.parametrize("workers", [1, 2])
def test_whole_run(benchmark: Any, dump_file: Path, megabytes: float, tmp_path: Path, workers: int) -> None:
    from newsclean.engines.blocks import Options

    options = Options(workers=workers, force=True)
    told = _measure(benchmark, lambda: run([dump_file], tmp_path / "out", options=options), megabytes, rounds=3)
    assert told["counts"]["rejected"] == 0
