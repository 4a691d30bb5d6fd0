"""Documents, lines and spans, and the column that batches of text travel in.

Owns: the nouns every other module speaks of, and `repair`. Must not know: rules, signatures, files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Span(NamedTuple):
    """A half-open range of code points, `text[start:end]`."""

    start: int
    end: int


class Line(NamedTuple):
    """One line of a document: its number from 1, and its range without the newline."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One news text and what is known of it. Only `text` is needed.

    `published` is the date as the source wrote it. `extra` carries every other field of the input record through.
    """

    text: str
    id: str = ""
    url: str | None = None
    site: str | None = None
    language: str | None = None
    published: str | None = None
    title: str | None = None
    source: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextColumn:
    """The texts of a batch as one UTF-8 buffer; text `i` is `data[offsets[i]:offsets[i + 1]]`.

    data: uint8 [bytes]; offsets: int64 [documents + 1]. This is the memory layout of an Arrow large_string array, so a
    column made from Arrow shares its buffers.
    """

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> TextColumn:
        return cls.from_bytes([text.encode("utf-8", "surrogatepass") for text in texts])

    @classmethod
    def from_bytes(cls, encoded: Sequence[bytes]) -> TextColumn:
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @classmethod
    def from_arrow(cls, array: Any) -> TextColumn:
        """From a pyarrow string or large_string Array without nulls; zero-copy for large_string."""
        import pyarrow as pa

        large = array.cast(pa.large_string())
        _, offsets, data = large.buffers()
        first, count = large.offset, len(large)
        bounds = np.frombuffer(offsets, np.int64)[first : first + count + 1] if offsets else np.zeros(1, np.int64)
        return cls(np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8), bounds)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def encoded(self, i: int) -> bytes:
        return self.data[self.offsets[i] : self.offsets[i + 1]].tobytes()

    def __getitem__(self, i: int) -> str:
        return self.encoded(i).decode("utf-8", "surrogatepass")

    def take(self, rows: npt.NDArray[np.int64]) -> TextColumn:
        """The texts of `rows`, in that order, in a buffer of their own."""
        return TextColumn.from_bytes([self.encoded(int(i)) for i in rows])
