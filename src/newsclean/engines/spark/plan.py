"""The stages as joins and shuffles of Spark DataFrames: what travels where.

Owns: which rows meet in which task, and what is stored between stages. Must not know: how anything is computed (that is for
`prepare`, `match` and `write`), files of input and output.

Between stages rows lie in the work folder, as Parquet: a lost executor costs its tasks, not the run, and what is not
deterministic upstream (the order of a shuffled table) is settled once. Until the end texts stay there, but for those of documents
that met others. Two things are done by a single task for all documents: `prepare.count_lines` and `match.assign`.
"""

from __future__ import annotations

import functools
import math
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, cast

import numpy as np
import orjson
from pyspark import Broadcast, TaskContext
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from newsclean.dedup.candidates import bands_of
from newsclean.dedup.group import ROUNDS
from newsclean.engines.spark import match, prepare, write
from newsclean.engines.spark.session import check_version
from newsclean.pipeline.job import AUTO, Job
from newsclean.pipeline.summary import Tally

_PLACE = 64 << 20  # bytes of band keys that are sorted together
_MANY = 500_000  # documents: of more, a part of the band keys is on disk at a time
_FEW = 2_000_000  # pairs whose rows every executor may hold: 16 bytes each
_WRITTEN = 1000  # documents that are made into lines together
_GIANTS = 1000  # clusters told of in run.json


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found out, stored: documents and block lines as `prepare.PREPARED`, verified pairs, and `row`, `kept`."""

    prepared: DataFrame
    pairs: DataFrame
    kept: DataFrame
    """Of documents with copies only: the others are kept."""
    tally: Tally

    @property
    def count(self) -> int:
        return self.tally.read["documents"] + self.tally.read["split"]

    @property
    def documents(self) -> DataFrame:
        return self.prepared.where("row is not null")


class Plan:
    """The stages over one work folder."""

    def __init__(self, spark: SparkSession, job: Job, work: str) -> None:
        self.spark, self.work, self.settings, self._job = spark, work, job.settings, job

    def prepare_rows(self, df: DataFrame) -> DataFrame:
        """The documents of a DataFrame, see `prepare.PREPARED`."""
        return self._prepare(df.withColumn("__partition", F.spark_partition_id()), prepare.of_rows)

    def prepare_files(self, sources: list[Any]) -> DataFrame:
        """The documents of files, a task for each."""
        listed, fields = self.spark.sparkContext.broadcast(sources), self._job.fields
        numbers = self.spark.range(0, len(sources), 1, max(1, len(sources)))
        return self._prepare(numbers, lambda batches: prepare.of_files(batches, fields, listed.value))

    def _prepare(self, df: DataFrame, blocks: Callable[[Iterator[Any]], prepare.Blocks]) -> DataFrame:
        job = self._job
        if job.profile == AUTO:
            fields = job.fields
            self._doing("repetition")
            counted = df.mapInArrow(_over(lambda rows: prepare.count_blocks(blocks(rows), fields, _again())), prepare.COUNTED)
            in_order = counted.repartition(1).sortWithinPartitions("part", "block")
            profiles = in_order.mapInArrow(_over(prepare.count_lines), prepare.PROFILE).collect()
            job = replace(job, profile=pickle.loads(profiles[0].profile) if profiles else None)
        known = self.spark.sparkContext.broadcast(job)  # rules are compiled once in each process that takes it
        cleaned = df.mapInArrow(_over(lambda rows: prepare.prepare_blocks(blocks(rows), known.value, _again())), prepare.PREPARED)
        return self.stored("prepared", cleaned)

    def stored(self, name: str, df: DataFrame) -> DataFrame:
        """The rows, computed now and for good."""
        self._doing(name)
        df.write.mode("overwrite").parquet(f"{self.work}/{name}")
        self._doing(None)
        return self.spark.read.schema(df.schema).parquet(f"{self.work}/{name}")

    def _alone(self, name: str, df: DataFrame) -> DataFrame:
        """As `stored`; what was shuffled for it is removed, which Spark does when Java has seen that nobody holds it."""
        stored = self.stored(name, df)
        cast(Any, self.spark)._jvm.System.gc()
        return stored

    def _doing(self, stage: str | None) -> None:
        """What the pages and logs of Spark call the jobs that begin now."""
        context: Any = self.spark.sparkContext
        context.setJobDescription(f"newsclean {stage}" if stage else None)

    def clear(self) -> None:
        """Remove what was stored."""
        java: Any = self.spark
        path = java._jvm.org.apache.hadoop.fs.Path(self.work)
        path.getFileSystem(java._jsc.hadoopConfiguration()).delete(path, True)

    def find(self, prepared: DataFrame) -> Found:
        """Every stage from band keys to kept documents."""
        tally = Tally()
        for row in prepared.where("tally is not null").select("tally").collect():
            tally.add(Tally.from_dict(orjson.loads(row.tally)))
        documents = prepared.where("row is not null")
        more = self.candidates(documents, tally.read["documents"] + tally.read["split"])
        furniture = self.spark.sparkContext.broadcast(self._furniture(documents, more))
        examined, pairs = more, self.spark.createDataFrame([], match.VERIFIED)
        for number in range(ROUNDS):
            found = _with_both(more, documents, "text", "words", "digest", "broken", "days", "source")
            found = found.mapInArrow(_over(match.verify_pairs, self.settings, furniture), match.VERIFIED)
            pairs = pairs.unionByName(self.stored(f"verified-{number}", found))
            assigned = self.stored(f"assigned-{number}", self._assign(documents, pairs))
            more = assigned.where("kind = 1").select(F.col("x").alias("a"), F.col("y").alias("b"))
            more = self.stored(f"unchecked-{number}", more.join(examined, ["a", "b"], "left_anti"))
            if more.isEmpty():
                break
            examined = examined.unionByName(more)
        kept = assigned.where("kind = 0").select(F.col("x").alias("row"), F.col("y").alias("kept"))
        return Found(prepared, pairs, kept, tally)

    def candidates(self, documents: DataFrame, count: int) -> DataFrame:
        """The pairs that `dedup.candidates` finds."""
        # Copies word by word of one time meet in the order of preference: a hot key is tied to the first of them.
        alike = Window.partitionBy("digest", "days").orderBy(*prepare.ORDER, "name", "row")
        # Stored, they are known to be few, and go to all executors; else band keys would be shuffled to where these are.
        ties = self.stored("ties", documents.select("row", F.row_number().over(alike).alias("tie")).where("tie > 1"))
        parts = [prepare.KEYS] if count < _MANY else [(name,) for name in prepare.KEYS]
        found = [self._met(documents, ties, names, count) for names in parts]
        if len(found) > 1:  # one after the other, so that what they shuffle is not on disk all at once
            found = [self._alone(f"met-{number}", part) for number, part in enumerate(found)]
        agreed = (F.sum(of).alias(of) for of in ("full", "lead"))
        met = self.stored("met", functools.reduce(DataFrame.unionByName, found).groupBy("a", "b").agg(*agreed))
        # Who shares many keys agrees in many values; of the others the sketches are asked.
        enough = (F.col("full") >= self.settings.agree) | (F.col("lead") >= self.settings.agree)
        asked = _with_both(met.where(~enough), documents, "sketch").mapInArrow(_over(match.agree, self.settings), match.PAIR)
        return self.stored("candidates", met.where(enough).select("a", "b").unionByName(asked))

    def _met(self, documents: DataFrame, ties: DataFrame, names: Sequence[str], count: int) -> DataFrame:
        """The pairs that share a key of these columns, once for each such key."""
        splits = math.ceil(max(1, count) * match.RECORD_BYTES / _PLACE)
        signed = documents.select("row", "words", "digest", "days", *names).join(ties, "row", "left").fillna(0, ["tie"])
        bands = np.array_split(range(len(list(bands_of(self.settings)))), len(prepare.KEYS))
        numbers = {name: bands[prepare.KEYS.index(name)].tolist() for name in names}
        keys = signed.mapInArrow(_over(match.pack_keys, numbers, splits), match.BANDS)
        return keys.groupBy("place").applyInPandas(_over(match.meet, self.settings, splits), match.MET)

    def _furniture(self, documents: DataFrame, met: DataFrame) -> Any:
        """The hashes that `dedup.furniture` finds, uint64, sorted: 8 bytes each for what sites print around their stories."""
        self._doing("furniture")
        known = documents.where("source >= 0")
        alike = _with_both(met, known, "source").where("source_a = source_b")
        rows = alike.select(F.explode(F.array("a", "b")).alias("row")).distinct()
        printed = known.select("row", "source", "text").mapInArrow(_over(match.sentences), match.PRINTED)
        lines = printed.join(rows, "row", "left_semi").select("source", F.explode("sentences").alias("line"))
        counts = known.groupBy("source").agg(F.count("*").alias("printed"))
        share = self.settings.furniture_share * F.col("printed")
        often = lines.groupBy("source", "line").count().join(counts, "source")
        often = often.where(F.col("count") >= F.greatest(F.lit(float(self.settings.furniture)), share))
        found = [row.line for row in often.select("line").collect()]
        return np.unique(np.array(found, np.int64).view(np.uint64))

    def _assign(self, documents: DataFrame, pairs: DataFrame) -> DataFrame:
        columns = ["days", "source", "digest", *prepare.ORDER, "name"]
        members = documents.select("row", *columns).join(_rows(pairs), "row", "left_semi")
        members = members.select(F.lit(0).alias("kind"), F.col("row").alias("x"), F.lit(0).cast("long").alias("y"), *columns)
        edges = pairs.select(F.lit(1).alias("kind"), F.col("a").alias("x"), F.col("b").alias("y"))
        stream = members.unionByName(edges, allowMissingColumns=True).repartition(1)
        stream = stream.sortWithinPartitions("kind", *prepare.ORDER, "name", "digest", "x")
        stream = stream.select("kind", "x", "y", "days", "source", "digest")
        return stream.mapInArrow(_over(match.assign, self.settings), match.ASSIGNED)

    def lines(self, found: Found, text_field: str, wanted: list[str]) -> DataFrame:
        """The JSON lines of outputs, see `write.write_lines`."""
        documents = found.documents
        by_id = Window.partitionBy("id").orderBy("row")
        times = documents.select("row", F.row_number().over(by_id).alias("times")).where("times > 1")
        pair = found.kept.withColumn("a", F.least("row", "kept")).withColumn("b", F.greatest("row", "kept"))
        told = pair.join(found.pairs, ["a", "b"], "left").drop("a", "b").join(times, "row", "full")
        table = documents.select("row", "id", "about", "days", "text", "record").join(told, "row", "left")
        table = table.withColumn("kept", F.coalesce("kept", "row"))
        for name in ("text", "record"):  # of copies nothing is written
            table = table.withColumn(name, F.when(F.col("row") == F.col("kept"), F.col(name)))
        some = F.pmod(F.hash("kept"), F.lit(1 + found.count // _WRITTEN))
        return table.groupBy(some).applyInPandas(_over(write.write_lines, text_field, wanted), write.LINES)

    def block_lines(self, found: Found, name: str) -> DataFrame:
        """The lines of `removals` or `rejected`."""
        blocks = found.prepared.where(F.length(name) > 0)
        return blocks.select(F.lit(name).alias("kind"), F.col(name).alias("lines"))

    def each_shard(self, lines: DataFrame, writer: Callable[[Iterator[Any]], Iterator[Any]]) -> list[Any]:
        """Rows of `write.WRITTEN`, for lines that tasks have written."""
        self._doing("written")
        return lines.withColumn("part", F.spark_partition_id()).mapInArrow(_over(writer), write.WRITTEN).collect()

    def repeated_ids(self, found: Found) -> int:
        """Documents whose id another one had before them."""
        return found.count - found.documents.select("id").distinct().count()

    def giants(self, found: Found, above: int) -> list[dict[str, Any]]:
        """The clusters of more than so many documents, the largest first."""
        sizes = found.kept.groupBy("kept").agg(F.count("*").alias("copies")).where(F.col("copies") > above)
        named = sizes.join(found.documents.select(F.col("row").alias("kept"), "name"), "kept")
        top = named.orderBy(F.desc("copies"), "kept").limit(_GIANTS).collect()
        return [{"cluster": row.name.decode(), "copies": row.copies} for row in top]


def _rows(pairs: DataFrame) -> DataFrame:
    """The rows of pairs that are stored; where they are few, every executor gets them, so that no table is shuffled for them."""
    rows = pairs.select(F.explode(F.array("a", "b")).alias("row")).distinct()
    return F.broadcast(rows) if pairs.count() < _FEW else rows


def _with_both(pairs: DataFrame, documents: DataFrame, *columns: str) -> DataFrame:
    """Pairs that are stored, with these columns of both documents, as NAME_a and NAME_b."""
    known = documents.select("row", *columns).join(_rows(pairs), "row", "left_semi")
    for side in "ab":
        renamed = (F.col(name).alias(f"{name}_{side}") for name in columns)
        pairs = pairs.join(known.select(F.col("row").alias(side), *renamed), side)
    return pairs


def _again() -> bool:
    """Whether the task that asks has failed before."""
    context = TaskContext.get()
    return context is not None and context.attemptNumber() > 0


def _over(function: Callable[..., Any], *given: Any) -> Callable[[Any], Any]:
    """A function of tasks as Spark takes it; of broadcasts among its arguments it gets the value."""

    expected = version("newsclean")

    def task(rows: Any) -> Any:
        check_version(expected)
        return function(rows, *(value.value if isinstance(value, Broadcast) else value for value in given))

    return task
