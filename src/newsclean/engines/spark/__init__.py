"""The stages of a run on a Spark cluster: the answer of the local engine, whatever the partitions.

`prepare`, `match` and `write` are what tasks compute, in batches of Arrow (`batches`); `plan` the joins and shuffles between
them; `frames` takes and gives DataFrames, `files` is `newsclean run --engine spark`, `session` what Spark itself needs. Must not
know: how anything is computed, which is for the functions of the local engine. Nothing is imported here: pyspark is an extra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsclean.engines.spark.frames import Frames


def run(spark: Any, df: Any, rules: Any = None, settings: Any = None, **how: Any) -> Frames:
    """Clean and deduplicate a DataFrame; see `newsclean.engines.spark.frames.run`, whose arguments these are."""
    from newsclean.engines.spark import frames

    return frames.run(spark, df, rules, settings, **how)
