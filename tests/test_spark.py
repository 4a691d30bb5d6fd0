"""The Spark engine gives the answer of the local one, whatever the partitions, and whatever dies on the way.

Sessions are real, on this machine: without Java or pyspark the tests are skipped.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from click.testing import CliRunner

from newsclean import DedupSettings, Options, UsageError, run
from newsclean.cli import main
from newsclean.engines.spark import session
from newsclean.formats.outputs import output_files

pyspark = pytest.importorskip("pyspark", reason="no Spark tests: pip install -e '.[spark]'")
needs_java = pytest.mark.skipif(not session.java(), reason="no Spark tests: Java is not here (apt-get install openjdk-17-jre-headless)")

QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# What a small run needs: few partitions, and nobody who compiles what runs once.
SMALL = (
    "spark.driver.memory=1g", "spark.sql.shuffle.partitions=2", "spark.ui.enabled=false", "spark.driver.bindAddress=127.0.0.1",
    "spark.driver.host=127.0.0.1", f"spark.driver.extraJavaOptions={QUICK}", f"spark.executor.extraJavaOptions={QUICK}",
    "spark.sql.codegen.wholeStage=false",
    "spark.sql.codegen.factoryMode=NO_CODEGEN",
)  # fmt: skip
SAMPLES = Path(__file__).parent / "samples" / "articles.jsonl"
OUTPUTS = ("documents", "duplicates", "removals", "rejected", "rules")
WORDS = [f"{a}{b}{c}" for a in ("ha", "mi", "co", "bri", "ele", "sto") for b in ("ra", "ni", "lo", "tu") for c in ("bour", "ster", "cil", "ge", "ction")]  # fmt: skip


def story(seed: int, words: int = 90) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def records() -> list[dict[str, Any]]:
    """Stories, their copies near and far, and what makes a cluster depend on more than its pairs."""
    draw = random.Random(7)
    made = []
    for n in range(60):
        words = story(n)
        made.append({"id": f"s{n}", "text": " ".join(words) + f"\n\nTags: {words[0]}, storm", "date": f"2024-05-{n % 3 + 1:02}"})
        if n % 2:
            words[draw.randrange(90)] = "changed"
            made.append({"id": f"c{n}", "text": f"(HP) {' '.join(words)}", "url": f"https://www.p{n % 4}.example/{n}", "rank": n})
        if n % 5 == 0:  # cut, and dated too late
            made.append({"id": f"cut{n}", "text": " ".join(words[:55]), "source": "Gull", "published": "2024-05-09"})
    # A key that is hot: of each time there are copies word by word, whose order decides what the others are tied to.
    hot = story(1000)
    for n in range(90):
        words = [*hot[:60], *story(2000 + n // 5, 30)]
        made.append({"id": f"h{n * 37 % 90:02}", "text": " ".join(words), "date": f"2024-06-{n % 9 + 1:02}", "source": f"p{n % 3}"})
    # What one source prints below every story, and ids that come twice, are numbers, or are not there.
    for n in range(12):
        text = " ".join(story(3000 + n, 60)) + "\n" + " ".join(story(4000, 45)) + ".\n"
        made.append({"id": "twice" if n < 3 else n, "text": text, "site": "gull.example", "title": "Gulls"})
    made += [{"text": " ".join(story(3, 90))}, {"id": "none", "text": ""}, {"id": "no words", "text": "…"}]
    return made


UNREAD = [b'{"id": "cut off", "text": "The har', b'{"id": 7, "text": null}', b"\xff\xfe not UTF-8", b'["no record"]', b"\0\0"]


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of unlike sizes and kinds, with records among the others that cannot be read."""
    folder = tmp_path_factory.mktemp("dump")
    made = records()
    table = [record for record in made if str(record.get("id")).startswith("h")]
    rest = [record for record in made if record not in table] + [json.loads(line) for line in SAMPLES.read_bytes().splitlines()]
    lines = [json.dumps(record, ensure_ascii=False).encode() for record in rest]
    for name, part, unread in (("a.jsonl", lines[:50], UNREAD[:2]), ("b.jsonl.zst", lines[50:61], UNREAD[2:]), ("c.jsonl", lines[61:], [])):
        content = b"\n".join([*part[:9], *unread, *part[9:]]) + b"\n"
        (folder / name).write_bytes(zstandard.compress(content) if name.endswith(".zst") else content)
    (folder / "table").mkdir()
    for part in (0, 1):
        pq.write_table(pa.Table.from_pylist(table[part::2]), folder / "table" / f"part-{part}.parquet")
    return folder


@pytest.fixture(scope="module")
def local(dump: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("local") / "out"
    run([dump], out, appended="split")
    return out


def contents(folder: Path) -> dict[str, list[bytes]]:
    """The records of each output, in any order."""
    return {
        name: sorted(chain.from_iterable(path.read_bytes().splitlines() for path in output_files(folder, name)))
        for name in OUTPUTS
    }


def counts(folder: Path) -> dict[str, Any]:
    told = json.loads((folder / "run.json").read_bytes())
    return {name: told[name] for name in ("counts", "removals", "languages", "sites", "flags", "giant_clusters")}


@needs_java
def test_every_engine_gives_the_same_answer(dump: Path, local: Path, tmp_path: Path) -> None:
    run([dump], tmp_path / "two", appended="split", options=Options(workers=2))
    command = ["run", str(dump), "-o", str(tmp_path / "spark"), "--appended", "split", "--engine", "spark", "--master", "local[2,4]"]
    done = CliRunner().invoke(main, [*command, *(part for conf in SMALL for part in ("--conf", conf))], catch_exceptions=False)
    assert done.exit_code == 2, done.output  # there were records that could not be read
    expected = contents(local)
    assert len(expected["rejected"]) == len(UNREAD)
    for engine in ("two", "spark"):
        assert contents(tmp_path / engine) == expected, engine
        assert counts(tmp_path / engine) == counts(local), engine
    assert not list((tmp_path / "spark").glob(".*"))


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """The session of this process; its time zone is not UTC, and must not matter."""
    started = session.start_session("local[2,4]", [*SMALL, "spark.sql.session.timeZone=Asia/Tehran"])
    yield started
    started.stop()


@needs_java
def test_a_dataframe_gives_dataframes(spark: Any, dump: Path, tmp_path: Path) -> None:
    """Columns keep their types, and neither partitions nor the session decide anything."""
    from pyspark.sql import functions as F

    from newsclean.engines import spark as engine

    whole = [
        {"rank": None, "url": None, "source": None, **record, "id": str(record["id"]), "published": record.get("date")}
        for record in records()
        if record.get("id", "twice") != "twice"  # which of them is the second depends on their order
    ]
    for record in whole:
        record.pop("date", None)
    settings = DedupSettings(keep="most-complete", prefer=("p2",), updates="keep-last")
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in whole), encoding="utf-8")
    run([tmp_path / "in.jsonl"], tmp_path / "out", settings=settings)
    df = spark.read.json(str(tmp_path / "in.jsonl")).withColumn("seen", F.timestamp_seconds(F.lit(1_700_000_000)))
    df = df.unionByName(spark.createDataFrame([(None, "null")], "text string, id string"), allowMissingColumns=True)
    found = engine.run(spark, df.repartition(3, F.rand(5)), settings=settings)

    def rows(df: Any) -> list[dict[str, Any]]:
        return [json.loads(line) for line in df.toJSON().collect()]

    def by_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))

    def written(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (tmp_path / "out" / f"{name}.jsonl").read_bytes().splitlines()]

    kept = found.documents.drop("seen")
    expected = [{name: value for name, value in record.items() if value is not None} for record in written("documents")]
    assert by_id(rows(kept)) == by_id(expected)
    assert [row.seen.timestamp() for row in found.documents.limit(1).collect()] == [1_700_000_000]
    assert by_id(rows(found.removals)) == by_id(written("removals"))
    clusters = {row.id: row.cluster for row in found.clusters.collect()}
    assert {record["id"]: record["cluster"] for record in written("duplicates")}.items() <= clusters.items()
    pairs = {frozenset((row.a, row.b)): row.relation for row in found.pairs.collect()}
    for record in written("duplicates"):
        assert pairs[frozenset((record["id"], record["kept_id"]))] in (record["relation"], "contains", "contained")
    assert [row.why for row in found.rejected.collect()] == ["field 'text' holds null, not text"]


DEADLY = """
import os
from newsclean.pipeline import prepare
clean_rows = prepare.clean_rows

def deadly(texts, *given):
    for text in map(texts.__getitem__, range(len(texts))):
        if text == "kill":
            os.kill(os.getpid(), 9)
        if text == "raise":
            raise ZeroDivisionError("no story")
    return clean_rows(texts, *given)

prepare.clean_rows = deadly
"""
ABSENT = """
import sys

class Absent:
    @staticmethod
    def find_spec(name, *given):
        if name == "newsclean":
            raise ModuleNotFoundError(f"No module named {name!r}")

sys.meta_path.insert(0, Absent)
"""


def startup(folder: Path, code: str) -> dict[str, str]:
    """An environment in which every Python runs this code as it starts."""
    (folder / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": str(folder)}


@needs_java
def test_records_that_kill_whoever_cleans_them_are_rejected(spark: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The others are cleaned, here without a copy or a removal among them."""
    from newsclean.engines import spark as engine

    monkeypatch.setattr(spark.sparkContext, "environment", startup(tmp_path, DEADLY))
    table = [(1, "The harbour was closed."), (2, "kill"), (3, ""), (4, "raise")]
    found = engine.run(spark, spark.createDataFrame(table, "id long, text string").coalesce(1), profile=None)
    assert [(row.id, row.cluster, row.copies) for row in found.documents.orderBy("id").collect()] == [("1", "1", 1), ("3", "3", 1)]
    assert found.pairs.isEmpty() and found.removals.isEmpty()
    assert [(row.line, row.why.partition(": ")[2]) for row in found.rejected.orderBy("line").collect()] == [
        (2, "the process that works on it dies (exit code -9; -9: out of memory)"), (4, "ZeroDivisionError: no story")
    ]  # fmt: skip


@needs_java
def test_what_cannot_be_done_is_told(spark: Any, dump: Path, tmp_path: Path) -> None:
    from newsclean.engines import spark as engine

    with pytest.raises(UsageError, match="no column 'text'"):
        engine.run(spark, spark.range(3))
    for more, message in (
        (["--resume"], "for the local engine"),
        (["--conf", "spark.executor.memory"], "KEY=VALUE"),
    ):
        told = CliRunner().invoke(main, ["run", str(dump), "-o", str(tmp_path / "out"), "--engine", "spark", *more])
        assert told.exit_code == 2
        assert message in told.output
    told = CliRunner().invoke(main, ["run", str(dump), "-o", str(tmp_path / "out"), "--master", "local"])
    assert "--engine spark" in told.output


def test_missing_java_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(UsageError, match=r"needs Java 17 .* JAVA_HOME"):
        session.start_session()


@needs_java
def test_java_that_does_not_start_is_told(tmp_path: Path) -> None:
    """One that is too old for Spark ends so."""
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\nexit 1\n")
    java.chmod(0o755)
    command = [sys.executable, "-m", "newsclean", "run", str(SAMPLES), "-o", str(tmp_path / "out"), "-q", "--engine", "spark"]
    done = subprocess.run(command, env={**os.environ, "JAVA_HOME": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Spark needs Java 17 or later" in done.stderr


@needs_java
@pytest.mark.parametrize(("what", "value", "message"), [
    ("pythonExec", "/no/such/python", "do not find the Python they are told to run: set PYSPARK_PYTHON"),
    ("pythonVer", "2.7", r"run another Python than the driver \(Python 3\.\d+\): set PYSPARK_PYTHON"),
    ("environment", ABSENT, "the executors have no newsclean: install it there"),
])  # fmt: skip
def test_a_wrong_python_on_the_executors_is_told(
    spark: Any, what: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from newsclean.engines import spark as engine

    monkeypatch.setattr(spark.sparkContext, what, startup(tmp_path, value) if what == "environment" else value)
    with pytest.raises(UsageError, match=message):
        engine.run(spark, spark.createDataFrame([("The harbour was closed.",)], "text string"), profile=None)


@needs_java
def test_other_versions_on_the_executors_are_told(spark: Any) -> None:
    def task(batches: Iterator[Any]) -> Iterator[Any]:
        session.check_version("0.0.1")
        return batches

    with pytest.raises(UsageError, match=r"^newsclean on the executors is .*, that of the driver 0\.0\.1: install one"), session.explained():
        spark.range(1).mapInArrow(task, "id long").collect()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a master on this machine, and its two workers, each with a folder for what it shuffles."""
    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_IP": "127.0.0.1"}
    environment["SPARK_DAEMON_JAVA_OPTS"] = QUICK
    started: list[subprocess.Popen[bytes]] = []

    def start(kind: str, *arguments: str, local: str = "m") -> None:
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1", "--webui-port", "0"]
        with (tmp_path / f"{local}.log").open("wb") as log:
            environment["SPARK_LOCAL_DIRS"] = str(tmp_path / local)
            started.append(subprocess.Popen([*command, *arguments], env=environment, stderr=log, stdout=log, start_new_session=True))

    start("master.Master", "--port", "0")
    url = until(lambda: told(tmp_path / "m.log", "spark://127.0.0.1:"))
    for local in ("w0", "w1"):
        start("worker.Worker", "--cores", "1", "--memory", "700m", "--work-dir", str(tmp_path / f"{local}-logs"), url, local=local)
    yield url, started[1:]
    for process in started:
        end(process)


def until(condition: Any, seconds: float = 600) -> Any:
    """What a condition gives as soon as that is something."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


def told(log: Path, begin: str) -> str | None:
    words = log.read_text(errors="replace").split() if log.exists() else []
    return next((word for word in words if word.startswith(begin)), None)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@needs_java
def test_a_killed_worker_does_not_change_the_answer(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], dump: Path, local: Path, tmp_path: Path
) -> None:
    url, workers = cluster
    command = [sys.executable, "-m", "newsclean", "run", str(dump), "-o", str(tmp_path / "out"), "--appended", "split", "-q"]
    conf = (*SMALL, "spark.executor.memory=512m", "spark.executor.cores=1")
    options = chain(["--engine", "spark", "--master", url], *(("--conf", given) for given in conf))
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output: list[bytes] = []
    reader = threading.Thread(target=lambda: output.append(process.stdout.read()))  # type: ignore[union-attr]
    reader.start()
    try:
        # It holds a part of a shuffle, which is lost with it.
        until(lambda: process.poll() is not None or any((tmp_path / "w1").rglob("shuffle_*.data")))
        assert process.poll() is None, output
        end(workers[1])
        assert process.wait(600) == 2, output  # there were records that could not be read
    finally:
        process.kill()
        reader.join()
    assert contents(tmp_path / "out") == contents(local)
