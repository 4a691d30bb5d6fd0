"""Stage 1: a block of input, cleaned and signed.

Owns: what is worked out once for each document, and the form in which it leaves a worker. Must not know: where
blocks come from, other blocks, duplicates.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from newsclean.cleaning import CleanedBatch, clean_column, pattern_costs
from newsclean.dedup.days import days
from newsclean.dedup.keep import known
from newsclean.dedup.sign import Signatures, sign
from newsclean.errors import UsageError
from newsclean.formats import Block, FieldNames, encode, parse_apart, to_record
from newsclean.kernels.minhash import WORDS
from newsclean.pipeline.job import Job
from newsclean.pipeline.summary import Tally, peak_memory
from newsclean.text import Document, TextColumn

ADDED = ("fields", "flags", "cluster", "copies", "sources", "first_seen", "last_seen")
"""What a run adds to a record; it replaces what the record had under these names."""
_ADDED = frozenset(ADDED)
NUMBERS = {"days": np.float64, "known": np.int32, "removed": np.int32}
"""What is counted of each document: its date (as `dedup.days`), the fields known of it, the removals made in it."""

# What patterns cost is measured on a few documents of the first blocks and of one in so many behind them: a hundredth of the time
# of a run, however small its files.
_TIMED, _TIMED_FIRST, _TIMED_BLOCKS = 100, 1 << 20, 17  # documents, bytes of input, blocks
_PATIENCE = 0.2  # seconds for a block


def check_fields(fields: FieldNames) -> None:
    """Raise UsageError where a run would write over the id or the text of a record."""
    if taken := {fields.names(role)[0] for role in ("id", "text")}.intersection(ADDED):
        raise UsageError(f"field '{taken.pop()}': a run writes what it finds under this name; rename the field in the input")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run needs of one block of n documents.

    columns: n entries each: `text`, cleaned; `record`, the JSON of the record without its text and its closing brace;
    `id`, JSON; `about`, the JSON that tells of the document as a copy. numbers: n each, see NUMBERS. lines: JSON lines of output
    files.
    """

    columns: dict[str, TextColumn]
    signatures: Signatures
    numbers: dict[str, npt.NDArray[Any]]
    lines: dict[str, bytes]
    tally: Tally
    read: int
    """Bytes of input up to the end of this block."""
    peak: tuple[int, int]
    """The process it was made in, and the bytes of memory that has used at most."""


class Row(NamedTuple):
    """What is known of a document, the record it came in, both without the text, and its place in a cleaned batch."""

    document: Document
    record: dict[str, Any]
    cleaned: CleanedBatch
    at: int


def clean_rows(
    texts: TextColumn, documents: Sequence[Document], records: Sequence[dict[str, Any]], job: Job
) -> list[list[Row]]:
    """For each document its row and, with `appended="split"`, those of the stories appended to it, cleaned in turn."""
    made = clean_column(texts, documents, job.rules, appended=job.appended, shape=job.shape, profile=job.known_profile)
    groups = [[Row(document, records[i], made, i)] for i, document in enumerate(documents)]
    if job.appended == "split":
        parts = [(i, part) for i in range(len(made)) for part in made.appended(i)]
        if parts:
            split = [part for _, part in parts]
            column = TextColumn.from_texts(part.text for part in split)
            below = clean_rows(column, split, [to_record(part, job.fields) for part in split], job)
            for (i, _), group in zip(parts, below, strict=True):
                groups[i] += group
    return groups


@dataclass(frozen=True, slots=True)
class CleanedBlock:
    """What `newsclean clean` prints of a block: JSON lines, and what could not be read. read: as in Prepared."""

    lines: bytes
    documents: int
    rejected: list[str]
    read: int


def clean_block(block: Block, job: Job) -> CleanedBlock:
    """The records of a block with cleaned text, removals, fields and flags."""
    batch, texts = parse_apart(block, job.fields)
    name = job.fields.names("text")[0]
    lines = []
    for group in clean_rows(texts, batch.documents, batch.records, job):
        for _, record, cleaned, i in group:
            record[name] = cleaned.texts[i]
            record["removals"] = cleaned.removal_records(i)
            record["fields"] = cleaned.fields(i)
            record.pop("flags", None)
            if flags := cleaned.flags(i):
                record["flags"] = flags
            lines.append(encode(record) + b"\n")
    return CleanedBlock(b"".join(lines), len(lines), [str(refused) for refused in batch.rejected], block.read)


def prepare(block: Block, job: Job) -> Prepared:
    """Parse, clean and sign one block."""
    batch, texts = parse_apart(block, job.fields)
    documents, records, tally = batch.documents, batch.records, Tally()
    columns: dict[str, TextColumn] = {}
    removals = b""
    if job.rules is None:
        removed = [len(found) if isinstance(found := record.get("removals"), list) else 0 for record in records]
    else:
        if 0 < block.read <= _TIMED_FIRST or block.read % _TIMED_BLOCKS == 1:
            some = TextColumn(texts.data, texts.offsets[: _TIMED + 1])
            tally.count_costs(pattern_costs(some, documents[: len(some)], job.rules, _PATIENCE), len(some))
        rows = [row for group in clean_rows(texts, documents, records, job) for row in group]
        tally.read["split"] = len(rows) - len(documents)
        documents, records = [row.document for row in rows], [row.record for row in rows]
        texts = _texts(rows)
        of_rows = [_removal_lines(row, job, tally) for row in rows]
        removals, removed = b"".join(of_rows), [lines.count(b"\n") for lines in of_rows]
        columns["record"] = TextColumn.from_bytes([_finished(row, job) for row in rows])
    name = job.fields.names("id")[0]
    columns["text"] = texts
    columns["id"] = TextColumn.from_bytes([encode(record[name]) for record in records])
    columns["about"] = TextColumn.from_bytes(list(map(_about, documents, records, [name] * len(records))))
    tally.read.update(documents=len(batch.documents), rejected=len(batch.rejected), bytes=block.size)
    tally.sites.update(document.site for document in documents if document.site)
    rejected = b"".join(encode(refused._asdict()) + b"\n" for refused in batch.rejected)
    signatures = sign(texts, job.settings)
    tally.read["too_short"] = int((signatures.words < WORDS).sum())
    lines = {"removals": removals, "rejected": rejected}
    return Prepared(columns, signatures, _numbers(documents, removed), lines, tally, block.read, (os.getpid(), peak_memory()))


def _numbers(documents: Sequence[Document], removed: list[int]) -> dict[str, npt.NDArray[Any]]:
    numbers = {
        "days": days(document.published for document in documents),
        "known": [known(document) for document in documents],
        "removed": removed,
    }
    return {name: np.asarray(numbers[name], kind) for name, kind in NUMBERS.items()}


def _texts(rows: Sequence[Row]) -> TextColumn:
    if rows and len(rows[0].cleaned.texts) == len(rows):  # nothing was split off
        return rows[0].cleaned.texts
    return TextColumn.from_bytes([row.cleaned.texts.encoded(row.at) for row in rows])


def _removal_lines(row: Row, job: Job, tally: Tally) -> bytes:
    """The removals of a document as JSON lines, counted."""
    name, removals = job.fields.names("id")[0], row.cleaned.removals_as_given(row.at)
    language = row.cleaned.languages[row.at] or "unknown"
    taken = [(removal.cls, removal.rule, removal.end - removal.start) for removal in removals]
    tally.count_removals(taken, language, row.document.site or "", row.cleaned.characters[row.at])
    tally.languages[language] += 1
    if flags := row.cleaned.flags(row.at):
        tally.flags.update(flags)
    return b"".join(
        encode({"id": row.record[name], **removal.record(), "text": removal.text}) + b"\n" for removal in removals
    )


def _finished(row: Row, job: Job) -> bytes:
    """The JSON of the record with what cleaning found out, up to where its text is to follow."""
    record = row.record.copy()
    del record[job.fields.names("text")[0]]
    for name in record.keys() & _ADDED:
        del record[name]
    if fields := row.cleaned.fields(row.at):
        record["fields"] = fields
    if flags := row.cleaned.flags(row.at):
        record["flags"] = flags
    return encode(record)[:-1]


def _about(document: Document, record: dict[str, Any], name: str) -> bytes:
    """What the kept copy tells of this one."""
    told = {"id": record[name], "site": document.site, "source": document.source, "url": document.url}
    told["published"] = document.published
    return encode({key: value for key, value in told.items() if value is not None})
