"""The Spark session: started for the command line, checked where it was given; what goes wrong with it, told with its remedy.

Owns: Java, Python and versions on both sides. Must not know: what is computed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsclean.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_JAVA = (
    "Spark needs Java 17 or later: apt-get install openjdk-17-jre-headless (or your system's like), or set JAVA_HOME to where "
    "one is"
)
_PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
_REMEDIES = (
    ("No module named 'newsclean'",
     "the executors have no newsclean: install it there, or send an environment along (--conf spark.archives=env.tar.gz#env)"),
    ("PYTHON_VERSION_MISMATCH",
     f"the executors run another Python than the driver ({_PYTHON}): set PYSPARK_PYTHON to one that is the same on all machines"),
    ("Cannot run program",
     "the executors do not find the Python they are told to run: set PYSPARK_PYTHON to one that is there on all machines"),
    ("JAVA_GATEWAY_EXITED", _JAVA),
    ("UnsupportedClassVersionError", _JAVA),
)  # fmt: skip
_DEFAULTS = {
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "2000",  # of 10,000 news stories Java and Python hold 30 MB each, twice
    "spark.sql.session.timeZone": "UTC",
}


def start_session(master: str | None = None, conf: Sequence[str] = ()) -> SparkSession:
    """A session with the master and settings (`key=value`) given; on this machine, retrying what failed, if none is.

    Under spark-submit the master is the one that was given there. Raises UsageError where it cannot start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("--engine spark needs pyspark: pip install 'newsclean[spark]'") from None
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    if not (submitted or java()):
        raise UsageError(_JAVA)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("newsclean")
    if master or not submitted:
        builder = builder.master(master or "local[*,4]")  # a plain local[*] gives up a run with the first task that fails
    for given in (*map("=".join, _DEFAULTS.items()), *conf):
        key, equals, value = given.partition("=")
        if not equals:
            raise UsageError(f"--conf {given!r}: write KEY=VALUE, such as spark.executor.memory=4g")
        builder = builder.config(key, value)
    with explained():
        spark: SparkSession = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def java() -> str | None:
    """The Java that Spark will run, if there is any."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home, "bin")) if home else None)


def check_session(spark: Any) -> None:
    """Raise UsageError for a session that has no context of its own: that of Spark Connect."""
    if not hasattr(spark, "_jsc") and not hasattr(spark, "_sc"):
        raise UsageError("this is a session of Spark Connect, which has no broadcasts; run newsclean with a classic session")


def check_version(wanted: str) -> None:
    """Raise RuntimeError, in a task, where its machine has another newsclean than the driver; of Python Spark itself tells."""
    if (there := version("newsclean")) != wanted:
        raise RuntimeError(f"newsclean on the executors is {there}, that of the driver {wanted}: install one version on all")


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """What people can mend, among all that Spark raises, as UsageError."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        told = str(error)
        remedy = next((remedy for sign, remedy in _REMEDIES if sign in told), None)
        if own := re.search(r"RuntimeError: (newsclean on the executors .*)", told):  # from `check_version`
            remedy = own[1]
        if remedy is None:
            raise
        raise UsageError(remedy) from None


def work_folder(spark: SparkSession, given: str | None) -> str:
    """A folder that all executors can write, for what lies between stages."""
    if given:
        return given
    context = spark.sparkContext
    if checkpoints := context.getCheckpointDir():
        return f"{checkpoints}/newsclean-{context.applicationId}"
    if str(context.master).startswith("local"):
        return Path(tempfile.mkdtemp(prefix="newsclean-spark-")).as_uri()
    raise UsageError("where may executors keep what lies between stages? Call spark.sparkContext.setCheckpointDir, or give work=")
