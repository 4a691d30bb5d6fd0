"""Text to signatures, beside the libraries people use, on the same documents; and the hot bucket.

    pytest benchmarks/test_dedup_speed.py --benchmark-columns=min,median,rounds --benchmark-sort=name

One process, one thread. Every contender goes from text to 128 values of three-word shingles. Divide the size printed
at the top by the time for MB/s.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from newsclean.dedup.candidates import candidates
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures, sign
from newsclean.text import TextColumn

SETTINGS = DedupSettings()
WORD = re.compile(r"\w+")


def made_up_news(documents: int) -> list[str]:
    """Arabic-looking text, some 3 KB a document: words of two to seven letters, frequent ones as in prose."""
    draw = random.Random(20)
    letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 7))) for _ in range(20_000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    return [
        "\n".join(" ".join(draw.choices(words, weights, k=60)) + "." for _ in range(draw.randint(3, 7)))
        for _ in range(documents)
    ]


@pytest.fixture(scope="module")
def news() -> list[str]:
    texts = made_up_news(3_000)
    print(f"\n{sum(len(text.encode()) for text in texts) / 1e6:.1f} MB in {len(texts)} documents")
    return texts


def shingles(text: str) -> list[str]:
    words = WORD.findall(text.lower())
    return [" ".join(words[i : i + 3]) for i in range(len(words) - 2)]


def test_newsclean(benchmark: Callable[..., Any], news: list[str]) -> None:
    column = TextColumn.from_texts(news)
    sign(column, SETTINGS)  # compile
    made = benchmark(sign, column, SETTINGS)
    assert len(made) == len(news)


def test_rensa(benchmark: Any, news: list[str]) -> None:
    rensa = pytest.importorskip("rensa", reason="pip install newsclean[bench]")

    def run() -> None:
        for text in news:
            made = rensa.RMinHash(num_perm=128, seed=1)
            made.update(shingles(text))
            made.digest()

    benchmark.pedantic(run, rounds=3)


@pytest.mark.parametrize("hashing", ["sha1", "xxhash"])
def test_datasketch(benchmark: Any, news: list[str], hashing: str) -> None:
    datasketch = pytest.importorskip("datasketch")
    options: dict[str, Any] = {}
    if hashing == "xxhash":
        options["hashfunc"] = pytest.importorskip("xxhash", reason="pip install newsclean[bench]").xxh32_intdigest

    def run() -> None:
        for text in news:
            made = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32", **options)
            made.update_batch([shingle.encode() for shingle in shingles(text)])

    benchmark.pedantic(run, rounds=3)


def test_a_million_copies_of_one_template(benchmark: Any) -> None:
    """n log n, not n squared: every band holds one bucket of a million documents, and each gives star edges."""
    n = 1_000_000
    one = sign(TextColumn.from_texts(made_up_news(1)), SETTINGS)
    copies = Signatures(
        full=np.broadcast_to(one.full, (n, SETTINGS.permutations)),
        lead=np.broadcast_to(one.lead, (n, SETTINGS.permutations)),
        words=np.repeat(one.words, n),
        digest=np.arange(n, dtype=np.uint64),
        broken=np.repeat(one.broken, n),
    )
    found = benchmark.pedantic(candidates, (copies, None, SETTINGS), rounds=1)
    assert n - 1 <= len(found) <= 2 * n
