"""The segments of one generation as one archive.

Owns: places (segment after segment, row after row), and which of them could be copies of a text. Must not know: files
and generations, what counts as a copy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from newsclean.dedup.candidates import Band, bands_of, each_once, every_key
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.index.segment import KINDS, Segment, short_keys
from newsclean.kernels import postings as lists

_ROUNDING = 1e-6  # of a day: whether two dates are within the window is decided later, to the last bit

Places = npt.NDArray[np.int64]


class Archive:
    """Documents that do not change; a place is the number of one among them."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        self.starts = np.cumsum([0, *(len(segment) for segment in segments)])

    @property
    def live(self) -> int:
        """How many documents count: all that have not expired."""
        return sum(segment.live for segment in self.segments)

    def meet(self, signatures: Signatures, days: npt.NDArray[np.float64], settings: DedupSettings) -> Places:
        """Pairs of a text and a place that may be copies, int64 [pairs, 2], sorted, each once.

        What `dedup.candidates` would pair if all stood in one list, but for buckets above `settings.bucket`: there the
        oldest and the newest document in reach stand for the others.
        """
        keys = short_keys(every_key(signatures, settings))
        bands = [
            (of, [place for place, _ in group]) for of, group in groupby(enumerate(bands_of(settings)), _values_of)
        ]

        reach = _reach(days, settings)
        near = self._near(reach[:, 0].min(initial=np.inf), reach[:, 1].max(initial=-np.inf))

        def met(at: int) -> npt.NDArray[np.int64]:
            pairs = _meet(self.segments[at], bands, keys, signatures, reach, settings)
            return each_once(pairs[:, 0] * self.starts[-1] + pairs[:, 1] + self.starts[at])

        with ThreadPoolExecutor(os.cpu_count()) as threads:  # the loops release the lock
            run = threads.map if len(signatures) > 1 else map  # starting threads takes longer than one text
            found = np.sort(np.concatenate([np.zeros(0, np.int64), *run(met, near)]))
        return np.stack(np.divmod(found, max(int(self.starts[-1]), 1)), axis=1)

    def find(self, kind: str, keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """Pairs of a key and a place that has it, int64 [pairs, 2]; kind: one of `segment.LISTS`."""
        found = [np.zeros((0, 2), np.int64)]
        for segment, start in zip(self.segments, self.starts.tolist(), strict=False):
            postings, spans = segment.list_of(kind), np.empty((len(keys), 2), np.int64)
            for part in (segment.dated, segment.undated):
                if part.start == part.stop:
                    continue
                lists.find(postings, keys, part.start, part.stop, spans)
                sizes = spans[:, 1] - spans[:, 0]
                if not sizes.any():  # nearly all segments know nothing of an id
                    continue
                which = np.repeat(np.arange(len(keys)), sizes)
                at = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + spans[which, 0]
                rows = (postings[at] & np.uint64(0xFFFFFFFF)).astype(np.int64)
                found.append(np.stack([which, start + rows], axis=1))
        return np.concatenate(found)

    def printed(self, sources: npt.NDArray[np.uint32], first: float, last: float) -> npt.NDArray[np.int64]:
        """How many documents each source has that are dated from day `first` to `last`, or not at all."""
        counts = np.zeros(len(sources), np.int64)
        for segment in map(self.segments.__getitem__, self._near(first, last)):
            postings, spans = segment.list_of("source"), np.empty((len(sources), 2), np.int64)
            for low, high in (_within(segment, first, last), (segment.undated.start, segment.undated.stop)):
                lists.find(postings, sources, low, high, spans)
                counts += spans[:, 1] - spans[:, 0]
        return counts

    def _near(self, first: float, last: float) -> list[int]:
        """Which segments may hold a document dated from day `first` to `last`, or not at all: of a long archive few."""
        return [at for at, segment in enumerate(self.segments) if segment.has_from(first, last)]

    def take(self, name: str, places: Places) -> npt.NDArray[Any]:
        """A column of numbers at these places."""
        parts = [(slots, segment[name][rows]) for segment, slots, rows in self._split(places)]
        if not parts:
            return np.zeros(0, KINDS[name])
        made = np.empty((len(places), *parts[0][1].shape[1:]), parts[0][1].dtype)
        for slots, values in parts:
            made[slots] = values
        return made

    def texts(self, name: str, places: Places) -> list[bytes]:
        """A column of texts at these places, in UTF-8."""
        made = [b""] * len(places)
        for segment, slots, rows in self._split(places):
            column = segment.texts(name)
            for slot, row in zip(slots.tolist(), rows.tolist(), strict=True):
                made[slot] = column.encoded(row)
        return made

    def names(self, name: str, places: Places) -> list[str]:
        """The same as text."""
        return [text.decode("utf-8", "surrogatepass") for text in self.texts(name, places)]

    def _split(self, places: Places) -> Iterator[tuple[Segment, Places, Places]]:
        """For each segment that is asked for: which of the places stand there, and in what rows."""
        at = np.searchsorted(self.starts, places, side="right") - 1
        for number in np.unique(at).tolist():
            slots = np.flatnonzero(at == number)
            yield self.segments[number], slots, places[slots] - self.starts[number]


def _within(segment: Segment, first: Any, last: Any) -> tuple[Any, Any]:
    """The rows dated from day `first` to `last`, both numbers or both arrays, as a half-open range."""
    low, high = segment.dated.start, segment.dated.stop
    day = segment["day"][low:high]
    return low + np.searchsorted(day, first - _ROUNDING), low + np.searchsorted(day, last + _ROUNDING, side="right")


def _reach(days: npt.NDArray[np.float64], settings: DedupSettings) -> npt.NDArray[np.float64]:
    """From which day to which copies of texts of these days are looked for, [texts, 2]."""
    window = np.where(np.isnan(days) | (settings.window is None), np.inf, settings.window or 0.0)
    return np.nan_to_num(days)[:, None] + window[:, None] * [-1.0, 1.0]


def _values_of(band: tuple[int, Band]) -> str:
    return band[1].of


def _meet(
    segment: Segment,
    kinds: list[tuple[str, list[int]]],
    keys: npt.NDArray[np.uint32],
    signatures: Signatures,
    reach: npt.NDArray[np.float64],
    settings: DedupSettings,
) -> npt.NDArray[np.int64]:
    """Pairs of a text and a row, int64 [pairs, 2]; some come several times.

    kinds: the bands' places, by their values. reach: [texts, 2], as of `_reach`.
    """
    found = [np.zeros((0, 2), np.int64)]
    ranges = np.empty((len(reach), 4), np.int64)
    ranges[:, 0], ranges[:, 1] = _within(segment, reach[:, 0], reach[:, 1])
    ranges[:, 2], ranges[:, 3] = segment.undated.start, segment.undated.stop
    if (ranges[:, ::2] >= ranges[:, 1::2]).all():
        return found[0]  # all that it holds is too old or too new
    for of, bands in kinds:
        queries = np.flatnonzero(signatures.words > (0 if of != "digest" else -1))
        stored, values = (segment["lead"], signatures.lead) if of == "lead" else (segment["full"], signatures.full)
        pairs = _fit(
            segment.postings[bands[0] : bands[-1] + 1], stored, keys[queries][:, bands], values[queries], ranges[queries],
            settings.bucket, settings.agree,
        )  # fmt: skip
        found.append(np.stack([queries[pairs[:, 0]], pairs[:, 1]], axis=1))
    return np.concatenate(found)


def _fit(*given: Any) -> npt.NDArray[np.int64]:
    """`kernels.postings.meet` with as much room as it needs."""
    out = np.empty((1024, 2), np.int64)
    while True:
        found: int = lists.meet(*given, out)  # type: ignore[call-arg]
        if found <= len(out):
            return out[:found]
        out = np.empty((found, 2), np.int64)
