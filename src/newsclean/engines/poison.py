"""A block that nobody gets through, but for the records that are to blame.

Owns: which records are given up, and what is said of them. Must not know: what is computed, who tried before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from newsclean.engines.pool import WorkerDied, in_order
from newsclean.formats import Block, Rejected

_MOST = 20  # records of one block: where more fail, they are not to blame


def surely(function: Callable[[Block], Any], block: Block) -> Iterator[Any]:
    """`function` of a block; where that fails, of each record in turn, and of a record refused for each that it fails on.

    It runs in processes of their own, which it may kill. Raises what the function raised, or WorkerDied, where many records fail.
    """
    [made] = _outcomes(function, [block])
    if not isinstance(made, Exception):
        yield made
        return
    refused, records = 0, _records(block)
    for record, made in zip(records, _outcomes(function, records), strict=True):
        if isinstance(made, Exception):
            refused += 1
            if refused > _MOST:
                raise made
            yield function(_refused(record, made))
        else:
            yield made


def _outcomes(function: Callable[[Block], Any], blocks: list[Block]) -> Iterator[Any]:
    """What the function makes of each block, in order, or the exception that ends it."""
    done = 0
    deadly: WorkerDied | None = None
    while done < len(blocks):
        if deadly and blocks[done] is deadly.item:
            yield deadly
            done += 1
            continue
        # Up to the one that is known to kill: of what came before it some was lost with the pool.
        stop = next((at for at in range(done, len(blocks)) if deadly and blocks[at] is deadly.item), len(blocks))
        try:
            for outcome in in_order(partial(_tried, function), blocks[done:stop], 2, lambda _: None):
                yield outcome
                done += 1
        except WorkerDied as error:
            deadly = error


def _tried(function: Callable[[Block], Any], block: Block) -> Any:
    try:
        return function(block)
    except Exception as error:
        return error


def _records(block: Block) -> list[Block]:
    """Blocks of one record each, behind one of what was refused before."""
    empty = replace(block, lines=b"", rows=None, records=(), rejected=())
    parts = [replace(empty, rejected=block.rejected)]
    if block.rows is not None:
        return parts + [replace(empty, line=block.line + at, rows=block.rows.take([at])) for at in range(len(block.rows))]
    if block.lines:
        return parts + [replace(empty, line=n, lines=line) for n, line in enumerate(block.lines.split(b"\n"), block.line) if line]
    return parts + [replace(empty, records=(record,)) for record in block.records]


def _refused(block: Block, error: Exception) -> Block:
    """A block of one record without it, for the reason that it fails."""
    file, line = block.records[0][:2] if block.records else (block.file, block.line)
    told = f"{type(error).__name__}: {error}"
    if isinstance(error, WorkerDied):
        told = f"the process that works on it dies (exit code {error.code}; -9: out of memory)"
    refused = Rejected(file, line, f"the record cannot be processed: {told}")
    return replace(block, lines=b"", rows=None, records=(), rejected=(refused,))
