"""`newsclean run --engine spark`: files in, shards out, by tasks with the local engine's own readers and writers.

Owns: the output folder of a run on Spark. Must not know: how anything is computed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from newsclean import formats
from newsclean.dedup.settings import DedupSettings
from newsclean.engines.blocks import OUTPUTS, SUMMARY, Options
from newsclean.errors import UsageError
from newsclean.formats import FieldNames, encode
from newsclean.formats.outputs import output_name
from newsclean.pipeline.job import AUTO, Job, describe
from newsclean.pipeline.prepare import check_fields
from newsclean.pipeline.summary import peak_memory, report, rule_records
from newsclean.pipeline.write import GIANT
from newsclean.profile import Profile
from newsclean.rules.load import load_rules
from newsclean.rules.model import RuleBook

if TYPE_CHECKING:
    from newsclean.engines.spark.plan import Found, Plan

_WRITTEN = ("documents", "removals", "duplicates", "rejected")


def run_files(
    inputs: Sequence[str | Path],
    output: str | Path,
    *,
    master: str | None = None,
    conf: Sequence[str] = (),
    rules: RuleBook | None = None,
    settings: DedupSettings | None = None,
    appended: str = "drop",
    shape: bool = True,
    profile: Profile | str | None = AUTO,
    all_relations: bool = False,
    fields: FieldNames | None = None,
    options: Options | None = None,
) -> dict[str, Any]:
    """As `newsclean.run`, on Spark; every file is read by one task, and every task writes shards of its own.

    master, conf: see `session.start_session`. Inputs and output must be where all executors see them. Raises UsageError for what
    only the local engine can do.
    """
    options = options or Options()
    _refuse(inputs, {
        "--format parquet": options.parquet, "--resume": options.resume, "--shard-size": options.shard_size,
        "--all-relations": all_relations,
    })  # fmt: skip
    job = Job(fields or FieldNames(), rules or load_rules(), settings or DedupSettings(), appended, shape, profile)
    check_fields(job.fields)
    sources = [  # executors start elsewhere; what a file is called stays
        source if formats.is_remote(source.path) else replace(source, path=str(Path(source.path).resolve()))
        for source in formats.find_sources(inputs)
    ]
    folder = str(output).rstrip("/") if formats.is_remote(str(output)) else str(Path(output).resolve())
    return _Run(job, sources, folder, options).execute(master, conf)


def _refuse(inputs: Sequence[str | Path], of_local: dict[str, Any]) -> None:
    if formats.STDIN in map(str, inputs):
        raise UsageError("standard input is on this machine only; --engine spark needs files that all executors see")
    if asked := [name for name, value in of_local.items() if value]:
        raise UsageError(f"{asked[0]} is for the local engine; Spark retries what failed, and each task writes a shard, as JSONL")


class _Run:
    """One run into one folder."""

    def __init__(self, job: Job, sources: list[formats.Source], folder: str, options: Options) -> None:
        self.job, self.sources, self.folder, self.options = job, sources, folder, options
        self.work = f"{folder if formats.is_remote(folder) else Path(folder).as_uri()}/.work"
        self.seconds: dict[str, float] = {}

    def execute(self, master: str | None, conf: Sequence[str]) -> dict[str, Any]:
        from newsclean.engines.spark.session import explained, start_session

        started = time.perf_counter()
        if not formats.is_remote(self.folder):
            formats.claim_folder(Path(self.folder), force=self.options.force)
            Path(self.folder, SUMMARY).unlink(missing_ok=True)
        spark = self._timed("start", lambda: start_session(master, conf))
        with explained():
            told = self._stages(spark)
        told["seconds"] = {name: round(value, 3) for name, value in self.seconds.items()}
        told["seconds"]["total"] = round(time.perf_counter() - started, 3)
        self._write(SUMMARY, orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        return told

    def _stages(self, spark: Any) -> dict[str, Any]:
        from newsclean.engines.spark.plan import Plan

        plan = Plan(spark, self.job, self.work)
        prepared = self._timed("prepare", lambda: plan.prepare_files(self.sources))
        found = self._timed("match", lambda: plan.find(prepared))
        text = self.job.fields.names("text")[0]
        counts = self._timed("write", lambda: self._write_shards(plan, found, text))
        assert self.job.rules, "a run cleans"
        rules = rule_records(self.job.rules, found.tally)
        self._write(output_name("rules"), b"".join(encode(rule) + b"\n" for rule in rules))
        description = describe("run", self.job, self.sources)
        # The memory of executors is for Spark to tell; this is what the driver took beside Java.
        told = report(description, found.tally, counts, {"total": sum(self.seconds.values())}, peak_memory())
        told |= {"engine": "spark", "giant_clusters": plan.giants(found, GIANT)}
        assert counts["kept"] + counts["duplicates"] == found.count, "a document was lost"
        plan.clear()
        return told

    def _timed(self, name: str, stage: Callable[[], Any]) -> Any:
        self.options.watch.stage(name, 0)
        started = time.perf_counter()
        result = stage()
        self.seconds[name] = time.perf_counter() - started
        return result

    def _write_shards(self, plan: Plan, found: Found, text_field: str) -> dict[str, int]:
        from newsclean.engines.spark.write import write_shards

        shards = partial(write_shards, folder=self.folder, compress=self.options.compress, numbered=True)
        one_file = partial(write_shards, folder=self.folder, compress=None, numbered=False)
        written = [
            *plan.each_shard(plan.lines(found, text_field, ["documents", "duplicates"]), shards),
            *plan.each_shard(plan.block_lines(found, "removals"), shards),
            *plan.each_shard(plan.block_lines(found, "rejected").coalesce(1), one_file),
        ]
        files = {row.file for row in written} | {output_name("rules")}
        counts = {name: sum(row.records for row in written if row.name == name) for name in _WRITTEN}
        for name in _WRITTEN:
            if not any(row.name == name for row in written):  # no record: one file without any
                files.add(output_name(name))
                self._write(output_name(name), b"")
        if not formats.is_remote(self.folder):
            formats.remove_stale(Path(self.folder), OUTPUTS, files)
        return {"kept": counts["documents"], "duplicates": counts["duplicates"], "repeated_ids": plan.repeated_ids(found)}

    def _write(self, name: str, lines: bytes) -> None:
        with formats.open_stream(f"{self.folder}/{name}", force=True) as file:
            file.write(lines)
