"""The stages of a run on this machine: worker processes prepare, this process stores, matches and writes.

Owns: the order of the stages, the output folder, when to go on where a run was cut short. Must not know: how any stage
works.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import orjson

from newsclean import formats
from newsclean.dedup.settings import DedupSettings
from newsclean.engines.blocks import OUTPUTS, SUMMARY, Options, by_workers, count_lines, informed, readable
from newsclean.engines.pool import holding_ctrl_c
from newsclean.errors import UsageError
from newsclean.formats import FieldNames, Source, encode
from newsclean.pipeline.job import AUTO, Job, describe
from newsclean.pipeline.match import Matches, load_kernels, match, sweep_store
from newsclean.pipeline.prepare import CleanedBlock, Prepared, check_fields, clean_block, prepare
from newsclean.pipeline.repetition import spell_block
from newsclean.pipeline.store import Store, check_same
from newsclean.pipeline.summary import peak_memory, report, rule_records
from newsclean.pipeline.write import Results, column_types
from newsclean.profile import Profile, SiteLines
from newsclean.rules.load import load_rules
from newsclean.rules.model import RuleBook

_WORK = ".work"
# Bytes of work files and output for one of input: texts twice, signatures of 1 KB a document. Measured: 2.2 for 31,000 Arabic
# stories of 3.4 KB, 2.1 for 5,000 Persian ones of 5.5 KB; more where stories are short.
_DISK = 2.5
_MUCH_DISK = 10_000_000_000
_SHOWN = 5  # giant groups told of one by one


def run(
    inputs: Sequence[str | Path],
    output: str | Path,
    *,
    rules: RuleBook | None = None,
    settings: DedupSettings | None = None,
    appended: str = "drop",
    shape: bool = True,
    profile: Profile | str | None = AUTO,
    all_relations: bool = False,
    fields: FieldNames | None = None,
    options: Options | None = None,
) -> dict[str, Any]:
    """Clean and deduplicate files into the folder `output`; returns what run.json says.

    inputs, output: files and folders, here or at addresses that fsspec opens. rules: as from `load_rules`; the packaged ones by
    default. profile: what sites repeat: "auto" for what the inputs do, which are then read twice; as from `load_profile`; or
    None. all_relations: list every pair in pairs.jsonl, partial copies and templates as well. Scripts that ask for more than
    one worker need the `if __name__ == "__main__":` guard of multiprocessing.

    Bad records don't raise: they are counted in the result and listed in `rejected.jsonl`. Raises UsageError for an
    output folder in use, InputError for an input that does not exist or that kills a worker twice.
    """
    chosen = fields or FieldNames(), rules or load_rules(), settings or DedupSettings()
    job = Job(*chosen, appended, shape, profile, all_relations)
    check_fields(job.fields)
    return _execute("run", job, inputs, output, options or Options(), _write_run)


def dedup_files(
    inputs: Sequence[str | Path],
    output: str | Path,
    *,
    settings: DedupSettings | None = None,
    all_relations: bool = False,
    offsets: bool = False,
    sweep: Sequence[float] = (),
    fields: FieldNames | None = None,
    options: Options | None = None,
) -> dict[str, Any]:
    """Find the copies in files as they are: as `run`, but into pairs.jsonl and clusters.jsonl.

    all_relations: list partial copies and templates as well. offsets: tell for each pair where the texts are alike.
    sweep: other thresholds (`DedupSettings.covered`) to try on the same signatures; `sweep` of the result says what each
    would collapse.
    """
    if not all(0 < threshold <= 1 for threshold in sweep):
        raise UsageError(f"sweep {', '.join(map(str, sweep))}: thresholds are above 0 and at most 1")
    chosen = fields or FieldNames(), None, settings or DedupSettings()
    job = Job(*chosen, all_relations=all_relations, offsets=offsets, sweep=tuple(sweep))
    return _execute("dedup", job, inputs, output, options or Options(), _write_dedup)


def clean_stream(inputs: Sequence[str | Path], job: Job, options: Options) -> Iterator[CleanedBlock]:
    """The cleaned records of the inputs, in order, each as soon as it is known."""
    with readable(formats.find_sources(inputs), job) as sources:
        job = informed(job, sources, options)
        options.watch.stage("clean", sum(source.size for source in sources))
        documents = 0
        block: CleanedBlock
        blocks = formats.read_blocks(sources, job.fields)
        for block in by_workers(partial(clean_block, job=job), blocks, sources, options):
            yield block
            documents += block.documents
            options.watch.advance(block.read, documents)


def profile_files(
    inputs: Sequence[str | Path], fields: FieldNames | None = None, options: Options | None = None
) -> list[SiteLines]:
    """The lines that sites repeat in files, which are read twice; `newsclean.profile.write_profile` makes a file of them."""
    fields, options = fields or FieldNames(), options or Options()
    with formats.read_again(formats.find_sources(inputs)) as sources:
        counts = count_lines(sources, fields, options)
        profile = counts.profile()
        lines: dict[int, str] = {}
        spell = partial(spell_block, fields=fields, profile=profile)
        options.watch.stage("spell", sum(source.size for source in sources))
        for found, read in by_workers(spell, formats.read_blocks(sources, fields), sources, options):
            lines = found | lines
            options.watch.advance(read, 0)
            if len(lines) == len(profile):
                break
    return counts.spelled(lines)


_Write = Callable[["_Run", Store, Results], dict[str, int]]


def _execute(
    command: str, job: Job, inputs: Sequence[str | Path], output: str | Path, options: Options, write: _Write
) -> dict[str, Any]:
    again = {"force": options.force, "resume": options.resume}
    with formats.local_folder(output, OUTPUTS, SUMMARY, **again) as folder:
        return _Run(command, job, inputs, folder, options).execute(write)


class _Run:
    """One run into one folder, from the beginning or from where it was cut short."""

    def __init__(self, command: str, job: Job, inputs: Sequence[str | Path], output: Path, options: Options) -> None:
        self.job, self.output, self.options = job, output, options
        self.sources = formats.find_sources(inputs)
        self.description = describe(command, job, self.sources)
        self.seconds: dict[str, float] = {}
        self.peaks: dict[int, int] = {}  # bytes of memory by process
        self.written: list[str] = []
        self.more: dict[str, Any] = {}  # for run.json

    def execute(self, write: _Write) -> dict[str, Any]:
        if done := self._finished():
            return done
        started = time.perf_counter()
        store = self._open_store()
        self._foresee_disk()
        loading = Thread(target=load_kernels, daemon=True)
        with holding_ctrl_c():
            loading.start()
        with readable(self.sources, self.job) as sources:
            self._prepare(store, sources)
        loading.join()
        results = Results(store, self._timed("match", 0, lambda: self._match(store)))
        self._report_giants(results)
        counts = self._timed("write", 0, lambda: write(self, store, results))
        self.seconds["total"] = time.perf_counter() - started
        peak = sum({**self.peaks, os.getpid(): peak_memory()}.values())
        told = report(self.description, store.tally, counts, self.seconds, peak) | self.more
        assert told["counts"]["kept"] + told["counts"]["duplicates"] == len(store), "a document was lost"
        told["disk_bytes"] = sum(path.stat().st_size for path in self.output.rglob("*") if path.is_file())
        formats.remove_stale(self.output, OUTPUTS, self.written)
        self._write_summary(told)
        shutil.rmtree(store.folder)
        return told

    def _timed(self, name: str, size: int, stage: Callable[[], Any]) -> Any:
        self.options.watch.stage(name, size)
        started = time.perf_counter()
        result = stage()
        self.seconds[name] = time.perf_counter() - started
        return result

    def _finished(self) -> dict[str, Any] | None:
        """What the run said that is to be resumed, if it had come to its end."""
        path = self.output / SUMMARY
        if not (self.options.resume and path.exists()):
            return None
        told: dict[str, Any] = orjson.loads(path.read_bytes())
        check_same(told, self.description, self.output)
        shutil.rmtree(self.output / _WORK, ignore_errors=True)
        return told

    def _open_store(self) -> Store:
        work = self.output / _WORK
        if self.options.resume and any(source.path == formats.STDIN for source in self.sources):
            raise UsageError("standard input cannot be read a second time; --resume needs files")
        if self.options.resume and work.exists():
            return Store.resume(work, self.description)
        if work.exists() and not self.options.force:
            raise UsageError(f"{self.output}: holds an unfinished run; go on with --resume, or anew with --force")
        formats.claim_folder(self.output, force=self.options.force)
        (self.output / SUMMARY).unlink(missing_ok=True)
        shutil.rmtree(work, ignore_errors=True)
        return Store.create(work, self.description)

    def _foresee_disk(self) -> None:
        """Say what the work files will take, if that is much or more than there is."""
        packed = (".gz", ".zst", ".zstd", ".bz2", ".xz", ".parquet", ".pq")
        plain = sum(source.size * (4 if source.path.endswith(packed) else 1) for source in self.sources)
        needed, free = plain * _DISK, shutil.disk_usage(self.output).free
        if needed > min(free, _MUCH_DISK):
            told = f"{needed / 1e9:.0f} GB of disk while it runs, {free / 1e9:.0f} GB are free"
            self.options.watch.warn(f"{self.output}: will take about {told}")

    def _prepare(self, store: Store, sources: Sequence[Source]) -> None:
        size = sum(source.size for source in sources)
        job = self.job
        if job.profile == AUTO:
            counts = self._timed("count", size, lambda: count_lines(sources, job.fields, self.options, sample=True))
            job = replace(job, profile=counts.profile())
        self._timed("prepare", size, lambda: self._prepare_blocks(store, job, sources))

    def _prepare_blocks(self, store: Store, job: Job, sources: Sequence[Source]) -> None:
        blocks = formats.read_blocks(sources, job.fields)
        for _ in range(store.blocks):
            next(blocks)
        block: Prepared
        for block in by_workers(partial(prepare, job=job), blocks, sources, self.options):
            store.append(block)
            self.peaks.update([block.peak])
            self.options.watch.advance(block.read, len(store))
        store.close()

    def _match(self, store: Store) -> Matches:
        return match(store, self.job.settings, all_relations=self.job.all_relations)

    def _report_giants(self, results: Results) -> None:
        """A story is seldom printed a thousand times: what looks so may be a template or an error page."""
        self.more["giant_clusters"] = giants = results.giant_clusters()
        for giant in giants[:_SHOWN]:
            self.options.watch.warn(
                f"WARNING: {giant['copies']:,} documents count as copies of {giant['cluster']!r}, of which one stays; if they "
                "are not, see why with: newsclean explain A B --from FILE"
            )
        if len(giants) > _SHOWN:
            self.options.watch.warn(f"WARNING: {len(giants) - _SHOWN:,} more such groups: giant_clusters in {SUMMARY}")

    def write_lines(self, name: str, pieces: Callable[[], Iterator[bytes]], **how: Any) -> int:
        """Write one output file as JSONL, or as `open_output` takes it; the number of its records."""
        count = 0
        with formats.open_output(self.output, name, **how) as file:
            for piece in pieces():
                file.write(piece)
                count += int(np.count_nonzero(np.frombuffer(piece, np.uint8) == ord("\n")))  # ten times as fast as bytes.count
        self.written += file.names
        return count

    def write_table(self, name: str, pieces: Callable[[], Iterator[bytes]]) -> int:
        """Write one output in the format asked for; the number of its records."""
        options, schema = self.options, None
        if options.parquet:
            from newsclean.formats.tables import table_schema

            usual = column_types(*(self.job.fields.names(role)[0] for role in ("id", "text")))[name]
            schema = table_schema(pieces(), usual, self.sources)
        how = {"compress": options.compress, "schema": schema, "shard_size": options.shard_size}
        return self.write_lines(name, pieces, **how)

    def _write_summary(self, told: dict[str, Any]) -> None:
        part = self.output / f".{SUMMARY}.part"
        part.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        part.replace(self.output / SUMMARY)


def _write_run(run: _Run, store: Store, results: Results) -> dict[str, int]:
    text = run.job.fields.names("text")[0]
    run.write_lines("rejected", partial(store.lines, "rejected"))
    assert run.job.rules, "a run cleans"
    rules = rule_records(run.job.rules, store.tally)
    run.write_lines("rules", lambda: (encode(rule) + b"\n" for rule in rules))
    run.write_table("removals", partial(store.lines, "removals"))
    pairs = {"pairs": run.write_lines("pairs", partial(results.pair_lines, run.job))} if run.job.all_relations else {}
    return {
        "kept": run.write_table("documents", partial(results.documents, text)),
        "duplicates": run.write_table("duplicates", results.duplicates),
        "repeated_ids": results.repeated_ids,
        **pairs,
    }


def _write_dedup(run: _Run, store: Store, results: Results) -> dict[str, int]:
    if run.job.sweep:
        run.more["sweep"] = [asdict(outcome) for outcome in sweep_store(store, run.job.settings, run.job.sweep)]
    run.write_lines("rejected", partial(store.lines, "rejected"))
    pairs = run.write_lines("pairs", partial(results.pair_lines, run.job))
    documents = run.write_lines("clusters", results.clusters)
    kept = results.clusters_found
    return {"kept": kept, "duplicates": documents - kept, "pairs": pairs, "repeated_ids": results.repeated_ids}
