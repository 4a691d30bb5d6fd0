"""What runs have in common, whatever the engine; blocks of input through worker processes.

Owns: the names of outputs, how many workers there are, whom to tell how it goes, counting ahead. Must not know: what becomes of
the results.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from newsclean import formats
from newsclean.engines.pool import WorkerDied, in_order, wanted_workers
from newsclean.errors import InputError
from newsclean.formats import Block, FieldNames, Source
from newsclean.pipeline.job import AUTO, Job
from newsclean.pipeline.repetition import BlockLines, LineCounts, count_block

SUMMARY = "run.json"
OUTPUTS = ("documents", "removals", "duplicates", "pairs", "clusters", "rejected", "rules")


@dataclass(frozen=True, slots=True)
class Watch:
    """Whom to tell how a run goes."""

    stage: Callable[[str, int], None] = lambda name, total: None
    """A stage begins; its size in bytes of input, 0 if unknown."""
    advance: Callable[[int, int], None] = lambda done, documents: None
    """Bytes of input and documents done so far."""
    warn: Callable[[str], None] = lambda message: None


@dataclass(frozen=True, slots=True)
class Options:
    """How, rather than what, to compute and write."""

    workers: int | None = 1
    """Processes; None: as many as there are cores and the input pays for."""
    parquet: bool = False
    compress: str | None = None
    """zstd or gzip, for JSONL."""
    shard_size: int | None = None
    """Bytes of JSON lines, before compression, in one file of documents, removals or duplicates; None: no limit."""
    force: bool = False
    """Overwrite what the output folder holds of an earlier run."""
    resume: bool = False
    """Go on with the run the output folder holds."""
    watch: Watch = field(default_factory=Watch)


def readable(sources: Sequence[Source], job: Job) -> contextlib.AbstractContextManager[Sequence[Source]]:
    """The sources, for as many readings as the job takes."""
    return formats.read_again(sources) if job.profile == AUTO else contextlib.nullcontext(sources)


def informed(job: Job, sources: Sequence[Source], options: Options) -> Job:
    """The job with the profile it asks for."""
    if job.profile != AUTO:
        return job
    return replace(job, profile=count_lines(sources, job.fields, options, sample=True).profile())


def count_lines(sources: Sequence[Source], fields: FieldNames, options: Options, *, sample: bool = False) -> LineCounts:
    """The lines of all documents, site by site; sample: see `repetition.count_block`."""
    options.watch.stage("count", sum(source.size for source in sources))
    counts, documents = LineCounts(), 0
    block: BlockLines
    count = partial(count_block, fields=fields, sample=sample)
    for block in by_workers(count, formats.read_blocks(sources, fields), sources, options):
        counts.add(block)
        documents += len(block.hosts)
        options.watch.advance(block.read, documents)
    return counts


def by_workers(
    function: Callable[[Block], Any], blocks: Iterator[Block], sources: Sequence[Source], options: Options
) -> Iterator[Any]:
    """`function` of each block, in order; what kills a worker twice raises InputError."""
    workers = options.workers or wanted_workers(sum(source.size for source in sources))

    def died(block: Block) -> None:
        options.watch.warn(f"{block.file}:{block.line}: a worker died in the block that begins here; trying again")

    try:
        yield from in_order(function, blocks, workers, died)
    except WorkerDied as error:
        why = f"a worker process died twice in the block that begins here (exit code {error.code}; -9: out of memory)"
        raise InputError(why, file=error.item.file, line=error.item.line) from None
