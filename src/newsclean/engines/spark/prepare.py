"""Stage 1 in tasks: files or rows of a table into documents, cleaned and signed; and what of their lines sites repeat.

Owns: the numbers of documents, and what is stored of each. Must not know: Spark, other documents.

A document is known by its `row`: the number of its file, or of its partition, and its place therein. Rows are in the order of
the input, as those of the local engine are.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from newsclean.dedup.candidates import every_key
from newsclean.dedup.keep import preferences
from newsclean.dedup.settings import DedupSettings
from newsclean.engines.poison import surely
from newsclean.engines.spark.batches import record_batch, signed
from newsclean.formats import Block, FieldNames, Source, read_blocks
from newsclean.pipeline.job import Job
from newsclean.pipeline.match import origin_of, plain_id
from newsclean.pipeline.prepare import Prepared, prepare
from newsclean.pipeline.repetition import LineCounts, count_block
from newsclean.pipeline.store import entries
from newsclean.pipeline.summary import Tally

T = TypeVar("T")
Batches = Iterator[Any]
Blocks = Iterable[tuple[int, Block]]

KEYS = ("keys_1", "keys_2", "keys_3", "keys_4")
"""The keys of a part of all bands each, so that they can be read one after the other."""
PREPARED = (
    "row long, id binary, name binary, about binary, record binary, text binary, keys_1 binary, keys_2 binary, keys_3 binary, "
    "keys_4 binary, sketch binary, words int, digest long, broken boolean, days double, source long, "
    "first double, second double, third double, fourth double, removals binary, rejected binary, tally binary"
)
COUNTED = "part int, block int, lines binary"
PROFILE = "profile binary"
ORDER = ("first", "second", "third", "fourth")
"""The columns of `keep.preferences`; ids decide after them."""

_PLACES = 1 << 32  # documents of one file or partition; two million of these are told apart as float64 too


def of_rows(batches: Batches) -> Blocks:
    """The blocks of a table that has the number of their partition in its last column."""
    line = 1
    for batch in batches:
        if len(batch):
            part = batch.column(batch.num_columns - 1)[0].as_py()
            rows = batch.select(batch.schema.names[:-1])
            yield part, Block(f"partition-{part}", line, rows=_in_utc(rows))
            line += len(batch)


def of_files(batches: Batches, fields: FieldNames, sources: Sequence[Source]) -> Blocks:
    """The blocks of files, which come as their numbers in `sources`."""
    before = [0, *accumulate(source.size for source in sources)]
    for number in (number for batch in batches for number in batch.column(0).to_pylist()):
        for block in read_blocks([sources[number]], fields):
            yield number, replace(block, read=before[number] + block.read)


def _in_utc(rows: Any) -> Any:
    """The rows with moments in UTC: how they read must not depend on the time zone of the session."""
    for at, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz:
            kind = pa.timestamp(field.type.unit, "UTC")
            rows = rows.set_column(at, field.with_type(kind), rows.column(at).cast(kind))
    return rows


def count_blocks(blocks: Blocks, fields: FieldNames, again: bool) -> Batches:
    """What is to be counted of each block, see `pipeline.repetition`; again: see `_of_each`."""
    for number, (part, lines) in enumerate(_of_each(partial(count_block, fields=fields, sample=True), blocks, again)):
        yield record_batch(COUNTED, 1, {"part": part, "block": number, "lines": [pickle.dumps(lines)]})


def _of_each(function: Callable[[Block], T], blocks: Blocks, again: bool) -> Iterator[tuple[int, T]]:
    """`function` of each block beside the part it is of. again: the task failed before, so a record of its may be to blame."""
    for part, block in blocks:
        for made in surely(function, block) if again else (function(block),):
            yield part, made


def count_lines(batches: Batches) -> Batches:
    """What sites repeat, from the counts of all blocks, in order: of near-duplicates the first one counts."""
    counts = LineCounts()
    for batch in batches:
        for lines in batch["lines"]:
            counts.add(pickle.loads(lines.as_py()))
    yield record_batch(PROFILE, 1, {"profile": [pickle.dumps(counts.profile())]})


def prepare_blocks(blocks: Blocks, job: Job, again: bool) -> Batches:
    """One row for each document, one for each block with the lines it gives, and one with the tally of all.

    again: see `_of_each`.
    """
    made: dict[int, int] = {}
    tally = Tally()
    for part, done in _of_each(partial(prepare, job=job), blocks, again):
        tally.add(done.tally)
        first = part * _PLACES + made.get(part, 0)
        made[part] = made.get(part, 0) + len(done.signatures)
        yield _documents(done, np.arange(first, first + len(done.signatures), dtype=np.int64), job.settings)
        yield record_batch(PREPARED, 1, {name: [lines] for name, lines in done.lines.items()})
    yield record_batch(PREPARED, 1, {"tally": [orjson.dumps(tally.as_dict())]})


def _documents(done: Prepared, rows: npt.NDArray[np.int64], settings: DedupSettings) -> Any:
    signatures, numbers = done.signatures, done.numbers
    origins = [origin_of(about) for about in entries(done.columns["about"])]
    order = preferences(
        settings, days=numbers["days"], words=signatures.words, fields=numbers["known"], removals=numbers["removed"],
        origins=origins, places=rows,
    )  # fmt: skip
    order += [np.zeros(len(rows))] * (len(ORDER) - len(order))
    return record_batch(PREPARED, len(rows), {
        "row": rows, "name": [plain_id(fragment).encode() for fragment in entries(done.columns["id"])],
        **dict(zip(KEYS, np.array_split(every_key(signatures, settings), len(KEYS), axis=1), strict=True)),
        "sketch": np.hstack([signatures.full, signatures.lead]).astype(np.uint8),
        "words": signatures.words, "digest": signed(signatures.digest), "broken": signatures.broken, "days": numbers["days"],
        "source": np.array([_number(source or site) for source, site in origins], np.int64),
        **{name: column.astype(np.float64) for name, column in zip(ORDER, order, strict=True)},
        **done.columns,
    })  # fmt: skip


def _number(source: str | None) -> int:
    """A number that is the same for a source wherever it is met; -1 for none."""
    return int.from_bytes(hashlib.blake2b(source.encode(), digest_size=8).digest()) >> 1 if source else -1
