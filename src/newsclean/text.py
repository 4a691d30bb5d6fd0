"""Documents, lines and spans, and the column that batches of text travel in.

Owns: the nouns every other module speaks of, and `repair`. Must not know: rules, signatures, files.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
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
        return cls(_joined(encoded), offsets)

    @classmethod
    def from_arrow(cls, array: Any) -> TextColumn:
        """From a pyarrow Array of text, or of UTF-8 as binary, without nulls; zero-copy for the large types."""
        import pyarrow as pa

        binary = pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type)
        large = array.cast(pa.large_binary() if binary else pa.large_string())
        _, offsets, data = large.buffers()
        first, count = large.offset, len(large)
        bounds = np.frombuffer(offsets, np.int64)[first : first + count + 1] if offsets else np.zeros(1, np.int64)
        return cls(np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8), bounds)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def encoded(self, i: int) -> bytes:
        return self.data[self.offsets[i] : self.offsets[i + 1]].tobytes()

    def opening(self, i: int, size: int) -> str:
        """The first bytes of a text, at most `size`, less a character that they cut."""
        start = self.offsets[i]
        return self.data[start : min(start + size, self.offsets[i + 1])].tobytes().decode(errors="ignore")

    def __getitem__(self, i: int) -> str:
        return self.encoded(i).decode("utf-8", "surrogatepass")

    def replaced(self, texts: Mapping[int, bytes]) -> TextColumn:
        """The column with these texts, by row, in place of its own."""
        if not texts:
            return self
        sizes = np.diff(self.offsets)
        pieces: list[bytes | memoryview] = []
        done = self.offsets[0]
        for row in sorted(texts):
            pieces += [self.data[done : self.offsets[row]].data, texts[row]]
            sizes[row], done = len(texts[row]), self.offsets[row + 1]
        pieces.append(self.data[done : self.offsets[-1]].data)
        return TextColumn(_joined(pieces), np.concatenate([[0], np.cumsum(sizes)]))

    def take(self, rows: npt.NDArray[np.int64]) -> TextColumn:
        """The texts of `rows`, in that order, in a buffer of their own."""
        return TextColumn.from_bytes([self.encoded(int(i)) for i in rows])


def _joined(pieces: Iterable[bytes | memoryview]) -> npt.NDArray[np.uint8]:
    """Bytes in an array that may be written to: of arrays that may not, numba would compile and load every loop once more."""
    return np.frombuffer(bytearray().join(pieces), np.uint8)


class Repair(NamedTuple):
    """One repaired line: its range in the repaired text, and what stood there."""

    start: int
    end: int
    was: str


# What ftfy could mend: an HTML entity; a control character or byte order mark; a lone surrogate; a Latin letter and a
# symbol where UTF-8 was read as Latin-1 or Windows-1252 (`Ã©`, `â€™`, `Ø§`). `kernels.suspects.suspects` is the same test for
# columns, ten times as fast.
_SUSPECT = re.compile(
    r"&#?\w{2,31};|[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]"
    r"|[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)


def repair(text: str) -> tuple[str, tuple[Repair, ...]]:
    """Mend mojibake, HTML entities, control characters and lone surrogates, line by line; leave all else as it is.

    ftfy does the work, with the steps off that would change the style of news (curly quotes, full-width punctuation,
    ligatures, Unicode normal form, line breaks). Only lines with something to mend are handed to it.

    >>> repair("CafÃ© &amp; “bar”")[0]
    'Café & “bar”'
    >>> repair("“ﬁne”, １２３")
    ('“ﬁne”, １２３', ())
    """
    if not _SUSPECT.search(text):
        return text, ()
    import ftfy

    config = ftfy.TextFixerConfig(
        uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False, fix_line_breaks=False,
        normalization=None, explain=False,
    )  # fmt: skip
    lines: list[str] = []
    repairs: list[Repair] = []
    at = 0
    for line in text.split("\n"):
        # A mended line stays one line: an entity such as &#10; must not make two.
        mended = ftfy.fix_text(line, config).replace("\n", " ") if _SUSPECT.search(line) else line
        if mended != line:
            repairs.append(Repair(at, at + len(mended), line))
        lines.append(mended)
        at += len(mended) + 1
    return "\n".join(lines), tuple(repairs)


def given_offsets(text: str, repairs: Sequence[Repair], offsets: Iterable[int]) -> list[int]:
    """Where code points of a repaired text stood in the text as it was given.

    Exact outside the mended lines and at their ends; within one, words tell that stand in both spellings.

    >>> mended, repairs = repair("Tom &amp; Jerry\\nRead also")
    >>> mended, given_offsets(mended, repairs, [0, 11, 12, 21])
    ('Tom & Jerry\\nRead also', [0, 15, 16, 25])
    """
    starts, shifts = [mended.start for mended in repairs], [0]
    for mended in repairs:
        shifts.append(shifts[-1] + len(mended.was) - (mended.end - mended.start))
    found = []
    for offset in offsets:
        behind = bisect_right(starts, offset)
        line = repairs[behind - 1] if behind else None
        if line and offset < line.end:
            within = _aligned(text[line.start : line.end], line.was, offset - line.start)
            found.append(line.start + shifts[behind - 1] + within)
        else:
            found.append(offset + shifts[behind])
    return found


_PIECE = re.compile(r"\w+|\W")


def _aligned(mended: str, was: str, at: int) -> int:
    """The place in `was` of a place in `mended`."""
    pieces, old = _PIECE.findall(mended), _PIECE.findall(was)
    for what, i1, i2, j1, j2 in difflib.SequenceMatcher(None, pieces, old).get_opcodes():
        size = sum(map(len, pieces[i1:i2]))
        if at < size:
            start = sum(map(len, old[:j1]))
            return start + (at if what == "equal" else min(at, sum(map(len, old[j1:j2]))))
        at -= size
    return len(was)
