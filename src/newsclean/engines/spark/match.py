"""Stages 2 to 4 in tasks: keys meet, pairs are verified, documents get their kept ones; by the functions that `dedup` has.

Owns: the columns that travel between these stages, and which rows a task must see together. Must not know: Spark, files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from newsclean.dedup.candidates import bands_of, met_by_key
from newsclean.dedup.cluster import cluster, unchecked
from newsclean.dedup.furniture import Furniture, printed_sentences
from newsclean.dedup.keep import after_updates
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures
from newsclean.dedup.verify import verify
from newsclean.engines.spark.batches import gathered, numbers_of, record_batch, texts_of, unsigned, values_of

Batches = Iterator[Any]

BANDS = "place int, records binary"
MET = "a long, b long, full int, lead int"
PAIR = "a long, b long"
PRINTED = "row long, source long, sentences array<long>"
VERIFIED = "a long, b long, relation byte, jaccard double, containment double, covered double"
ASSIGNED = "kind int, x long, y long"

# What travels of a document for each band, column by column. Rows and times are differences, nearly all of them small, which
# compress. Of a key half will do (who met by accident is told by sketches), and of a digest, which only orders documents of one
# key and time.
_RECORD = {"row": "i8", "time": "i8", "tie": "i4", "digest": "u4", "key": "u4"}
RECORD_BYTES = sum(np.dtype(kind).itemsize for kind in _RECORD.values())
_HALF = np.uint64(32)
_PACKED = 250  # documents, about, that travel together


def pack_keys(batches: Batches, bands: dict[str, list[int]], splits: int) -> Batches:
    """The keys of some bands of each document, packed by the place where they meet others: a band and a part of its keys.

    bands: the numbers of those in each column. A row for each key would be many times the bytes to shuffle, and Spark would sort
    them one by one.
    """
    for batch in gathered(batches, splits * _PACKED):
        worded = numbers_of(batch["words"]) > 0
        of = {"row": numbers_of(batch["row"]), "time": numbers_of(batch["days"]).view(np.int64), "tie": numbers_of(batch["tie"]),
              "digest": unsigned(batch["digest"]) >> _HALF}  # fmt: skip
        for name, numbers in bands.items():
            for band, keys in zip(numbers, values_of(batch[name], np.uint64).T, strict=True):
                whole, part = np.divmod(keys, np.uint64(splits))
                # Texts without words have no key but the digest, the first.
                taken = [np.flatnonzero((part == split) & (worded | (band == 0))) for split in range(splits)]
                packed = [_pack({**of, "key": whole}, some) for some in taken]
                yield record_batch(BANDS, splits, {"place": np.arange(band * splits, (band + 1) * splits), "records": packed})


def _pack(columns: dict[str, npt.NDArray[Any]], rows: npt.NDArray[np.int64]) -> bytes:
    taken = {name: columns[name][rows] for name in _RECORD}
    for name in ("row", "time"):
        taken[name] = np.diff(taken[name], prepend=0)
    return b"".join(taken[name].astype(kind).tobytes() for name, kind in _RECORD.items())


def _unpack(packed: bytes) -> list[npt.NDArray[Any]]:
    count, at, columns = len(packed) // RECORD_BYTES, 0, []
    for name, kind in _RECORD.items():
        column = np.frombuffer(packed, kind, count, at)
        at += column.nbytes
        columns.append(np.cumsum(column) if name in ("row", "time") else column)
    return columns


def meet(places: Any, settings: DedupSettings, splits: int) -> Any:
    """Pairs that share a key in one place, a table of BANDS, with the number of values they agree in for that."""
    band = list(bands_of(settings))[int(places["place"].iloc[0]) // splits]
    columns = zip(*map(_unpack, places["records"]), strict=True)
    row, time, tie, digest, key = map(np.concatenate, columns)
    days = time.view(np.float64)
    order = np.lexsort((tie, digest, days))
    keys = key[order].astype(np.uint64) << _HALF
    rows = np.sort(row[order][met_by_key(keys, days[order], settings)], axis=1)
    agreed = settings.permutations if band.of == "digest" else band.last - band.first
    full, lead = (0, agreed) if band.of == "lead" else (agreed, 0)
    return pd.DataFrame({"a": rows[:, 0], "b": rows[:, 1], "full": full, "lead": lead})


def agree(batches: Batches, settings: DedupSettings) -> Batches:
    """The pairs whose sketches agree enough, in the signature by which they met; of those that share few keys."""
    for batch in batches:
        same = values_of(batch["sketch_a"], np.uint8) == values_of(batch["sketch_b"], np.uint8)
        full, lead = (part.sum(axis=1) >= settings.agree for part in np.split(same, 2, axis=1))
        enough = (full & (numbers_of(batch["full"]) > 0)) | (lead & (numbers_of(batch["lead"]) > 0))
        yield batch.select(["a", "b"]).filter(pa.array(enough))


def sentences(batches: Batches) -> Batches:
    """The hashes of what each document prints."""
    for batch in batches:
        texts, sources = texts_of(batch["text"]), numbers_of(batch["source"])
        found = [printed_sentences(texts.take(np.array([i])), sources[i : i + 1])[0].view(np.int64) for i in range(len(batch))]
        yield record_batch(PRINTED, len(batch), {"row": batch["row"], "source": batch["source"], "sentences": found})


def verify_pairs(batches: Batches, settings: DedupSettings, furniture: npt.NDArray[np.uint64]) -> Batches:
    """Which pairs are copies, and how; the columns of their documents end in _a and _b."""
    for batch in batches:
        rows = np.concatenate([numbers_of(batch["a"]), numbers_of(batch["b"])])
        rows, first, place = np.unique(rows, return_index=True, return_inverse=True)

        def of_both(name: str, batch: Any = batch, first: Any = first) -> Any:
            kind = pa.large_binary() if name == "text" else batch[f"{name}_a"].type
            return pa.concat_arrays([batch[f"{name}_{side}"].cast(kind) for side in "ab"]).take(pa.array(first))

        none = np.zeros((len(rows), 0), np.uint32)
        words, broken = numbers_of(of_both("words")), numbers_of(of_both("broken"))
        signatures = Signatures(none, none, words, unsigned(of_both("digest")), broken)
        texts, known = texts_of(of_both("text")), Furniture(numbers_of(of_both("source")), furniture)
        pairs = place.reshape(2, -1).T
        pairs = np.ascontiguousarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])
        found = verify(pairs, texts.take, signatures, numbers_of(of_both("days")), settings, furniture=known)
        figures = {name: getattr(found, name) for name in ("relation", "jaccard", "containment", "covered")}
        yield record_batch(VERIFIED, len(found), {"a": rows[found.a], "b": rows[found.b], **figures})


def assign(batches: Batches, settings: DedupSettings) -> Batches:
    """The kept document of each document (kind 0: row, kept), and pairs worth verifying next (kind 1).

    All documents that have a copy, in the order of preference, then all copies (kind 1), in one stream: 100 bytes of memory
    for each document.
    """
    held = list(batches)
    if not held:
        return
    table = pa.Table.from_batches(held)
    found = np.equal(numbers_of(table["kind"]), 1)
    documents, pairs = table.filter(pa.array(~found)), table.filter(pa.array(found))
    rows, rank = np.unique(numbers_of(documents["x"]), return_index=True)
    days, sources, digest = (numbers_of(documents[name])[rank] for name in ("days", "source", "digest"))
    copies = np.searchsorted(rows, np.stack([numbers_of(pairs["x"]), numbers_of(pairs["y"])], axis=1))
    kept = cluster(len(rows), copies, rank)
    if settings.updates == "keep-last":
        kept = cluster(len(rows), copies, after_updates(rank, kept, days, digest, sources))
    more = rows[unchecked(kept, copies, copies[:0])]
    yield record_batch(ASSIGNED, len(rows), {"kind": 0, "x": rows, "y": rows[kept]})
    yield record_batch(ASSIGNED, len(more), {"kind": 1, "x": more[:, 0], "y": more[:, 1]})
