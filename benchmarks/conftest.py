"""What the benchmarks run on: `pytest benchmarks --dump PATH` for a dump of your own, else text of ours (see samples.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsclean import Document
from samples import generate, read_dump, write_dump

MEGABYTES = 6.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--dump", type=Path, help="Measure on this dump (JSONL, .gz, .zst, Parquet) in place of generated text."
    )


def pytest_report_header(config: pytest.Config) -> str:
    return f"text: {config.getoption('--dump') or 'generated from tests/samples'}, the first {MEGABYTES:.0f} MB"


@pytest.fixture(scope="session")
def documents(request: pytest.FixtureRequest) -> list[Document]:
    dump = request.config.getoption("--dump")
    return read_dump(dump, MEGABYTES) if dump else generate(MEGABYTES)


@pytest.fixture(scope="session")
def megabytes(documents: list[Document]) -> float:
    return sum(len(document.text.encode()) for document in documents) / 1e6


@pytest.fixture(scope="session")
def dump_file(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same documents as JSONL."""
    return write_dump(documents, tmp_path_factory.mktemp("dump") / "dump.jsonl")
