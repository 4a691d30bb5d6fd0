"""Stories made up by the million, as a dump of JSON lines in a .zst file.

A story is eight paragraphs of five sentences (or as many as asked for), about 3 KB, of 50,000 words drawn by Zipf's law, as
the words of a language are: no two stories share more than chance has it, and they compress as text does. Every fifth is a
story of that day with a paragraph more. Words are drawn and joined by columns: a million stories, 3 GB, take a minute.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import zstandard

WORDS = 50_000
LETTERS = "abcdefghijklmnoprstuv"
SENTENCE, SENTENCES, PARAGRAPHS = 11, 5, 8  # words in one, of a paragraph, of a story
_PARAGRAPH = SENTENCE * SENTENCES
_BATCH = 2000  # stories
_END = len(r"\n")  # what the last paragraph of a text goes without
_COPIES = 0.2


def write_stories(path: Path, n: int, paragraphs: int = PARAGRAPHS) -> int:
    """Write n stories, the same for the same n; the bytes of the JSON lines before compression."""
    size = 0
    with path.open("wb") as stored, zstandard.ZstdCompressor(level=2, threads=-1).stream_writer(stored) as file:
        for lines in stories(n, paragraphs):
            file.write(lines)
            size += len(lines)
    return size


def stories(n: int, paragraphs: int = PARAGRAPHS) -> Iterator[bytes]:
    """JSON lines of n stories, some thousand at a time."""
    choose, recent = random.Random(n), [b""] * max(n // 400, 1)
    i = 0
    for texts in _batches(n, paragraphs):
        lines = []
        for text in texts:
            if i > len(recent) and choose.random() < _COPIES:
                text = choose.choice(recent) + rb"\n" + text[: text.index(rb"\n")]
            else:
                recent[i % len(recent)] = text
            head = f'{{"id":"https://news.example/{i:09}","source":"paper {i % 50}","date":"{date(i, n)}","text":"'
            lines.append(b'%s%s"}\n' % (head.encode(), text))
            i += 1
        yield b"".join(lines)


def date(i: int, n: int) -> str:
    """The day of story i of n, which are spread over a year."""
    day = 365 * i // n
    return f"2024-{day // 31 + 1:02}-{day % 28 + 1:02}"


def _batches(n: int, paragraphs: int) -> Iterator[list[bytes]]:
    """Texts of n stories as they stand inside JSON, without copies."""
    draw, forms = np.random.default_rng(n), _forms()
    at = np.arange(_PARAGRAPH * paragraphs)
    form = np.where(at % SENTENCE == 0, 1, 0)
    form[at % SENTENCE == SENTENCE - 1] = 2
    form[at % _PARAGRAPH == _PARAGRAPH - 1] = 3
    for start in range(0, n, _BATCH):
        shape = min(_BATCH, n - start), len(at)
        ranks = np.exp(draw.random(shape, np.float32) * np.float32(np.log(WORDS))).astype(np.int32) - 1
        joined = forms.take(pa.array((ranks + (form * WORDS).astype(np.int32)).reshape(-1)))
        bounds = np.frombuffer(joined.buffers()[1], np.int32)[: joined.offset + len(joined) + 1 : len(at)].tolist()
        data = joined.buffers()[2].to_pybytes()
        yield [data[a : b - _END] for a, b in pairwise(bounds)]


def _forms() -> pa.StringArray:
    """Every word inside a sentence, as its first, as its last, as the last of a paragraph; frequent words are short."""
    draw = random.Random(WORDS)
    words = ["".join(draw.choices(LETTERS, k=1 + len(str(rank)) + draw.randint(0, 3))) for rank in range(WORDS)]
    inside = [f"{word} " for word in words]
    return pa.array([*inside, *(word.capitalize() for word in inside), *(f"{w}. " for w in words), *(rf"{w}.\n" for w in words)])
