"""Files into an index: what the commands add and query.

Owns: how many documents go in together. Must not know: how files are read, what an index says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from newsclean.formats import FieldNames, Rejected, Source, encode, parse, read_blocks
from newsclean.index.verdict import Verdict
from newsclean.text import Document

DOCUMENTS, BYTES = 20_000, 64 << 20
"""That are judged together at most, of documents and their texts: some 300 MB of memory."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A part of the input."""

    verdicts: list[Verdict]
    lines: bytes
    """One JSON record for each."""
    rejected: list[Rejected]
    read: int
    """Bytes of input so far."""


def judge_files(
    judge: Callable[[Sequence[Document]], list[Verdict]], sources: Sequence[Source], fields: FieldNames
) -> Iterator[Judged]:
    """Hand the documents of files to `DuplicateIndex.add` or `.query`, some thousand at a time; in order."""
    name = fields.names("id")[0]
    documents: list[Document] = []
    ids: list[Any] = []
    rejected: list[Rejected] = []
    size, read = 0, 0

    def judged() -> Judged:
        verdicts = judge(documents)
        lines = b"".join(map(_line, verdicts, ids))
        return Judged(verdicts, lines, rejected, read)

    for block in read_blocks(sources, fields):
        batch = parse(block, fields)
        documents += batch.documents
        ids += [record[name] for record in batch.records]
        rejected += batch.rejected
        size, read = size + block.size, block.read
        if len(documents) >= DOCUMENTS or size >= BYTES:
            yield judged()
            documents, ids, rejected, size = [], [], [], 0
    yield judged()


def _line(verdict: Verdict, given: Any) -> bytes:
    """The verdict as JSON, with the id as the record has it; what says nothing is left out."""
    told = {**asdict(verdict), "id": given}
    if verdict.kept:
        del told["kept_id"], told["relation"], told["jaccard"], told["containment"], told["covered"]
    if not verdict.known:
        del told["known"]
    return encode(told) + b"\n"
