"""Of a block that cannot be processed, only the records that are to blame are given up."""

import os
from typing import Any

import pyarrow as pa
import pytest

from newsclean.engines.poison import surely
from newsclean.formats import Block, FieldNames, Rejected, parse

TEXTS = ["a", "kill", "b", "c", "raise", "d"]
BEFORE = (Rejected("f", 9, "unread"),)
CANNOT = "the record cannot be processed"


def read(block: Block) -> list[str]:
    """The documents and what was refused; it dies of some texts."""
    batch = parse(block, FieldNames())
    texts = [record["text"] for record in batch.records]
    if "kill" in texts:
        os._exit(7)
    if "raise" in texts:
        raise ValueError("not this one")
    told = [f"{document.id} {text}" for document, text in zip(batch.documents, texts, strict=True)]
    return told + [str(refused) for refused in batch.rejected]


def told(block: Block) -> list[str]:
    return [line for part in surely(read, block) for line in part]


def test_the_records_to_blame_are_refused_and_the_others_done_in_order() -> None:
    lines = b"".join(b'{"text": "%s"}\n' % text.encode() for text in TEXTS)
    assert told(Block("f", 10, lines=lines, rejected=BEFORE)) == [
        "f:9: unread", "f:10 a", f"f:11: {CANNOT}: the process that works on it dies (exit code 7; -9: out of memory)", "f:12 b",
        "f:13 c", f"f:14: {CANNOT}: ValueError: not this one", "f:15 d",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [
    {"rows": pa.RecordBatch.from_pydict({"text": TEXTS[2:]})},
    {"records": tuple(("f", 10 + n, {"text": text}) for n, text in enumerate(TEXTS[2:]))},
], ids=lambda content: next(iter(content)))  # fmt: skip
def test_rows_and_records_alike(content: dict[str, Any]) -> None:
    refused = f"f:12: {CANNOT}: ValueError: not this one"
    assert told(Block("f", 10, rejected=BEFORE, **content)) == ["f:9: unread", "f:10 b", "f:11 c", refused, "f:13 d"]


def test_a_block_that_is_well_comes_back_whole() -> None:
    block = Block("f", lines=b'{"text": "a"}\n\n{"text": "b"}\n')
    assert list(surely(read, block)) == [["f:1 a", "f:3 b"]]


def fail(block: Block) -> list[str]:
    if block.lines:
        raise OSError("no space left")
    return []


def test_where_most_records_fail_they_are_not_to_blame() -> None:
    with pytest.raises(OSError, match="no space left"):
        list(surely(fail, Block("f", lines=b'{"text": "a"}\n' * 40)))
