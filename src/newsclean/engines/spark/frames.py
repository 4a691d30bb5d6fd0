"""`newsclean.engines.spark.run`: a DataFrame in, DataFrames out.

Owns: the columns that users see. Must not know: how anything is computed, files of input and output.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.pandas.types import from_arrow_type

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.verify import RELATIONS
from newsclean.engines.spark.plan import Plan
from newsclean.engines.spark.session import check_session, explained, work_folder
from newsclean.errors import UsageError
from newsclean.formats import FieldNames
from newsclean.pipeline.job import AUTO, Job
from newsclean.pipeline.prepare import check_fields
from newsclean.pipeline.write import column_types
from newsclean.profile import Profile
from newsclean.rules.load import load_rules
from newsclean.rules.model import RuleBook

_REMOVALS = "id string, start long, end long, class string, rule string, text string"
_CLUSTERS = "id string, cluster string, kept boolean"
_REJECTED = "file string, line long, why string"


class Frames(NamedTuple):
    """What a run gives. Ids are text in all of them; `pairs` are in the order of the input, and a `contains` b."""

    documents: DataFrame
    """The kept documents: the columns of the input with `text` cleaned, and what `newsclean run` adds to a record."""
    removals: DataFrame
    pairs: DataFrame
    clusters: DataFrame
    """Every document: `id`, `cluster` (the id of the kept one), `kept`."""
    rejected: DataFrame
    """Rows that could not be read, as a place in their partition, and why."""


def run(
    spark: SparkSession,
    df: DataFrame,
    rules: RuleBook | None = None,
    settings: DedupSettings | None = None,
    *,
    appended: str = "drop",
    shape: bool = True,
    profile: Profile | str | None = AUTO,
    fields: FieldNames | None = None,
    work: str | None = None,
) -> Frames:
    """Clean and deduplicate a DataFrame with a column of texts and, if known, `id`, `url`, `site`, `published` and so on.

    Other arguments as for `newsclean.run`. work: a folder that all executors can write, for what lies between stages; it is
    yours to remove when the DataFrames have been used, for they read from it. By default a folder below the checkpoint
    directory of the session, or on this machine where that is all there is.

    The stages are computed when this is called. Raises UsageError for a table without text, or a session that cannot do it.
    """
    names = fields or FieldNames()
    check_session(spark)
    check_fields(names)
    id_field, text_field = names.names("id")[0], names.names("text")[0]
    if text_field not in df.columns:
        raise UsageError(f"no column '{text_field}' (columns: {', '.join(df.columns)}); name it with fields=FieldNames(text=...)")
    job = Job(names, rules or load_rules(), settings or DedupSettings(), appended, shape, profile)
    with explained():
        plan = Plan(spark, job, work_folder(spark, work))
        found = plan.find(plan.prepare_rows(df))
        lines = plan.stored("lines", plan.lines(found, text_field, ["documents", "clusters"]))
    usual = column_types(id_field, text_field)["documents"]
    added = {name: _text_for_none(from_arrow_type(kind)) for name, kind in usual.items()}
    given = {field.name: field.dataType for field in df.schema} | {id_field: T.StringType()}
    schema = T.StructType([T.StructField(name, kind) for name, kind in {**given, **added}.items()])
    return Frames(
        documents=_parsed(lines.where("kind = 'documents'"), "lines", schema),
        removals=_parsed(found.prepared, "removals", _REMOVALS),
        pairs=_named_pairs(found.pairs, found.documents),
        clusters=_parsed(lines.where("kind = 'clusters'"), "lines", _CLUSTERS),
        rejected=_parsed(found.prepared, "rejected", _REJECTED),
    )


def _text_for_none(kind: T.DataType) -> T.DataType:
    if isinstance(kind, T.StructType):
        return T.StructType([T.StructField(field.name, _text_for_none(field.dataType)) for field in kind])
    if isinstance(kind, T.ArrayType):
        return T.ArrayType(_text_for_none(kind.elementType))
    return T.StringType() if isinstance(kind, T.NullType) else kind


def _parsed(df: DataFrame, name: str, schema: Any) -> DataFrame:
    """The records of a column of JSON lines."""
    lines = df.select(F.explode(F.split(F.decode(name, "UTF-8"), "\n")).alias("line")).where("line != ''")
    return lines.select(F.from_json("line", schema).alias("record")).select("record.*")


def _named_pairs(pairs: DataFrame, documents: DataFrame) -> DataFrame:
    relations = F.array(*map(F.lit, RELATIONS))
    for side in "ab":
        named = documents.select(F.col("row").alias(side), F.decode("name", "UTF-8").alias(f"id_{side}"))
        pairs = pairs.join(named, side)
    relation: Column = F.element_at(relations, F.col("relation") + 1).alias("relation")
    return pairs.select(F.col("id_a").alias("a"), F.col("id_b").alias("b"), relation, "jaccard", "containment", "covered")
