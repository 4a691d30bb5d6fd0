"""The command line as a user meets it: streams, exit statuses, messages."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from newsclean.cli import main

STORY = (
    "The ministers of nine countries met in the harbour city on Friday to agree on a common price for the power that they "
    "sell to each other, and on what to do about the storm that closed the railway last week."
)
RECORDS = [
    {"id": "a", "text": f"{STORY}\n\nTags: storm, railway", "n": 2**70},
    {"id": "b", "text": STORY},
    {"id": "c", "text": "Another story altogether, of a museum that opened its doors to children for the first time."},
]


def invoke(*args: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], input=stdin, catch_exceptions=False)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return path


def test_clean_reads_standard_input_and_writes_standard_output(dump: Path) -> None:
    done = invoke("clean", "-", "-o", "-", stdin=dump.read_bytes())
    assert done.exit_code == 0
    first, *others = lines(done.stdout)
    assert first["text"] == STORY
    (removal,) = first["removals"]
    assert removal == {"start": len(STORY) + 2, "end": len(STORY) + 22, "class": "tags", "rule": "lang/en:tags"}
    assert first["fields"] == {"tags": ["storm", "railway"]}
    assert first["n"] == 2**70
    assert [record["id"] for record in others] == ["b", "c"]
    assert others[0]["removals"] == []
    assert done.stderr == ""


def test_clean_tells_what_it_could_not_read_and_ends_with_2(dump: Path, tmp_path: Path) -> None:
    done = invoke("clean", "-", stdin='{"text": "fine"}\n{"text": 3}\n\nnonsense')
    assert done.exit_code == 2
    assert len(lines(done.stdout)) == 1
    assert done.stderr.splitlines() == [
        "newsclean: stdin:2: field 'text' holds a number, not text",
        "newsclean: stdin:4: not JSON: Expecting value at column 1; each line must hold one record",
    ]
    quiet = invoke("clean", "-q", "-", stdin="nonsense")
    assert (quiet.exit_code, quiet.output) == (2, "")


def test_clean_overwrites_only_when_forced(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "clean.jsonl.gz"
    assert invoke("clean", dump, "-o", out).exit_code == 0
    refused = invoke("clean", dump, "-o", out)
    assert (refused.exit_code, refused.stderr) == (
        2, f"newsclean: {out}: exists already; name another file, or overwrite it with --force\n",
    )  # fmt: skip
    assert invoke("clean", dump, "-o", out, "--force").exit_code == 0
    assert len(lines(invoke("clean", out).stdout)) == 3


def test_clean_splits_or_drops_what_was_appended() -> None:
    text = f"{STORY}\n\nRead also:\n\nMuseum opens its doors to children\n\n" + f"{STORY[::-1]}\n\n" * 3
    given = json.dumps({"id": "p", "text": text, "lang": "en"})
    dropped = lines(invoke("clean", "-", stdin=given).stdout)
    split = lines(invoke("clean", "-", "--appended", "split", stdin=given).stdout)
    assert len(dropped) == 1
    assert split[0]["text"] == dropped[0]["text"]
    assert {record["id"] for record in split[1:]} <= {"p#2"}


def test_workers_keep_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from newsclean.formats import streams

    monkeypatch.setattr(streams, "CHUNK", 1000)
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "text": STORY}) + "\n" for n in range(60)))
    done = invoke("clean", path, "--workers", 2)
    assert [record["id"] for record in lines(done.stdout)] == [str(n) for n in range(60)]


def test_run_and_dedup_write_their_folders(dump: Path, tmp_path: Path) -> None:
    done = invoke("run", dump, "-o", tmp_path / "out", "--prefer", "nobody", "--window", 0)
    assert done.exit_code == 0
    assert [line.split(maxsplit=2) for line in done.stderr.splitlines()][:5] == [
        ["documents", "3"], ["kept", "2"], ["duplicates", "1"], ["rejected", "0"], ["removals", "1", "tags 1"],
    ]  # fmt: skip
    assert done.stderr.endswith(f"\nmore in {tmp_path}/out/run.json\n")
    assert done.stdout == ""
    assert json.loads((tmp_path / "out" / "run.json").read_text())["settings"]["dedup"]["window"] is None
    assert invoke("dedup", "-q", dump, "-o", tmp_path / "pairs").output == ""
    assert len(lines((tmp_path / "pairs" / "clusters.jsonl").read_text())) == 3


def test_a_sweep_prints_what_each_threshold_would_collapse(dump: Path, tmp_path: Path) -> None:
    words = [f"{first}{second}lo" for first in "bcdfghklmn" for second in "aeiouy"]
    versions = [" ".join(words), " ".join(words[:40] + words[::-1][:20])]
    dump.write_text("".join(json.dumps({"text": text}) + "\n" for text in [*versions, versions[0]]))
    done = invoke("dedup", dump, "--sweep", ".3,.99")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["covered", "pairs", "clusters", "duplicates", "kept"],
        ["0.30", "3", "1", "2", "1"],
        ["0.99", "1", "1", "1", "2"],
    ]  # fmt: skip
    assert invoke("dedup", dump, "--sweep", ".3,.99", "-o", tmp_path / "out").stdout == done.stdout
    again = invoke("dedup", dump, "--sweep", ".3,.99", "-o", tmp_path / "out", "--resume")
    assert (again.exit_code, again.stdout) == (0, done.stdout)
    assert len(lines((tmp_path / "out" / "clusters.jsonl").read_text())) == 3


@pytest.mark.parametrize(("window", "kept"), [("47h", 3), ("2d", 2), ("1", 3), ("off", 2)])
def test_the_window_is_in_days_or_hours(tmp_path: Path, window: str, kept: int) -> None:
    days = dict(zip("abc", ("2024-05-01", "2024-05-03", "2024-05-01"), strict=True))
    dump = tmp_path / "dated.jsonl"
    dump.write_text("".join(json.dumps({**record, "date": days[record["id"]]}) + "\n" for record in RECORDS))
    assert invoke("run", dump, "-o", tmp_path / "out", "--window", window).stderr.splitlines()[1].split() == ["kept", str(kept)]


def test_run_shows_what_was_rejected_and_ends_with_2(dump: Path, tmp_path: Path) -> None:
    with dump.open("a") as file:
        file.write("nonsense\n" * 7)
    done = invoke("run", dump, "-o", tmp_path / "out")
    assert done.exit_code == 2
    assert f"newsclean: {dump}:4: not JSON" in done.stderr
    assert f"newsclean: 2 more in {tmp_path}/out/rejected.jsonl" in done.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["run", "nowhere.jsonl", "-o", "out"], "newsclean: nowhere.jsonl: no such file or folder"),
        (["run", "{dump}", "-o", "{folder}"], "the output folder is not empty (it holds news.jsonl)"),
        (["run", "{dump}", "-o", "{dump}/x"], "cannot be the output folder: Not a directory"),
        (["run", "-", "-o", "{folder}/new", "--resume"], "standard input cannot be read a second time"),
        (["run", "{dump}"], "Missing option '-o'"),
        (["run", "{dump}", "-o", "{folder}/new", "--keep", "mine"], "Invalid value for '--keep'"),
        (["run", "{dump}", "-o", "{folder}/new", "--window", "3w"], "'3w' is no period; write days (3d), hours (36h), or off"),
        (["run", "{dump}", "-o", "{folder}/new", "--window", "-1"], "'-1' is no period"),
        (["dedup", "{dump}", "--sweep", ".3;.5"], "'.3;.5': write numbers with commas between them, such as .3,.5,.7"),
        (["dedup", "{dump}", "--sweep", "30"], "thresholds are above 0 and at most 1"),
        (["dedup", "{dump}"], "Missing option '-o'"),
        (["explain", "a", "b", "c", "--from", "{dump}"], "newsclean: explain"),
        (["explain", "z", "--from", "{dump}"], "no document with the id 'z'"),
        (["clean", "{dump}", "--rules", "nowhere"], "nowhere"),
    ],
)
def test_usage_errors_end_with_2_and_say_what_to_do(dump: Path, tmp_path: Path, args: list[str], message: str) -> None:
    done = invoke(*(arg.format(dump=dump, folder=tmp_path) for arg in args))
    assert done.exit_code == 2
    assert message in done.stderr


def test_explain_shows_removals_with_class_and_rule(dump: Path) -> None:
    shown = invoke("explain", "a", "--from", dump)
    assert shown.exit_code == 0
    assert "- tags lang/en:tags │ Tags: storm, railway" in shown.stdout.splitlines()
    assert f"                    │ {STORY}" in shown.stdout.splitlines()
    (told,) = lines(invoke("explain", "a", "--from", dump, "--json").stdout)
    assert [(r["class"], r["text"]) for r in told["removals"]] == [("tags", "Tags: storm, railway")]
    assert len(lines(invoke("explain", dump, "--json").stdout)) == 3


def test_explain_shows_one_class_only(tmp_path: Path) -> None:
    path = tmp_path / "page.jsonl"
    page = ["Storm closes the railway", "Published: 4 March 2024", STORY, STORY.replace("nine", "ten"), "Tags: storm, railway"]
    texts = {"a": "\n".join([*page, "Source: Harbour Press"]), "b": STORY}
    path.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()))
    shown = invoke("explain", path, "--only", "tags").stdout
    assert "- tags lang/en:tags     │ Tags: storm, railway" in shown
    assert "⋯" in shown and "│ Published" not in shown and "── b" not in shown
    (told,) = lines(invoke("explain", path, "--only", "tags", "--only", "date", "--json").stdout)
    assert [removal["class"] for removal in told["removals"]] == ["date", "tags"]
    wrong = invoke("explain", path, "--only", "nothing")
    assert wrong.exit_code == 2 and "there are ad, appended" in wrong.stderr


def test_explain_tells_why_two_documents_are_one_story(dump: Path) -> None:
    shown = invoke("explain", "a", "b", "--from", dump)
    assert shown.stdout.startswith("same story: exact\na  a\nb  b\n")
    assert f"100% a │ {STORY}\n100% b │ {STORY}\n" in shown.stdout
    assert invoke("explain", "a", "c", "--from", dump).stdout.startswith("not the same story: unrelated\n")
    assert json.loads(invoke("explain", "a", "b", "--from", dump, "--json").stdout)["same"] is True


def test_explain_tells_what_spoke_against_and_brackets_what_differs(tmp_path: Path) -> None:
    note = "The bank {} pays {} crowns a share for the year that has ended, and its shares trade without it from Monday on."
    texts = {"a": note.format("Alfa of Oslo", 12), "b": note.format("Beta of Rome", 15)}
    dump = tmp_path / "notes.jsonl"
    dump.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()))
    shown = invoke("explain", "a", "b", "--from", dump).stdout
    assert "conditions not met: names, numbers\n" in shown.replace("evidence, ", "")
    assert "  names: 2 names of each text are missing from the other, at most 1\n" in shown
    assert re.search(r"^whole: \d+ of 64 bands met.*estimate 0\.\d+, chance of meeting there \d+% \(S-curve: at 0.05 15%", shown, re.M)
    assert "a │ [The bank Alfa of Oslo pays 12] crowns a share" in shown


def test_rules_check_ends_with_1_when_an_example_fails(tmp_path: Path) -> None:
    rule = (
        '[[rule]]\nid = "x"\nclass = "share"\nwhy = "a test"\nline = ["Tweet this now"]\n'
        'drop = ["Tweet this now"]\nkeep = ["Tweet this now and then"]\n'
    )
    (tmp_path / "base.toml").write_text(rule)
    good = invoke("rules", "check", tmp_path)
    assert (good.exit_code, good.stdout) == (0, "")
    (tmp_path / "base.toml").write_text(rule.replace('drop = ["Tweet this now"]', 'drop = ["Something else"]'))
    failed = invoke("rules", "check", tmp_path)
    assert failed.exit_code == 1
    assert "rule 'x'" in failed.stdout


def test_help_fits_80_columns_and_names_every_command() -> None:
    for args in commands():
        shown = invoke(*args, "--help").stdout
        assert max(map(len, shown.splitlines())) <= 80
        assert "..." not in shown.partition("\nCommands:")[2], "what a command does is told in so many words as there is room for"


def commands(group: click.Group = main, *names: str) -> Iterator[tuple[str, ...]]:
    yield names
    for name, command in group.commands.items():
        yield from commands(command, *names, name) if isinstance(command, click.Group) else [(*names, name)]


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_help_and_import_load_nothing_heavy() -> None:
    heavy = _python(
        "import sys, newsclean, newsclean.cli\n"
        "try: newsclean.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('numpy', 'numba', 'pyarrow', 'ftfy', 'regex', 'orjson', 'tqdm') if name in sys.modules])"
    )
    assert heavy.splitlines()[-1] == "[]"


def test_the_public_api_is_complete() -> None:
    import newsclean

    for name in newsclean.__all__:
        assert callable(getattr(newsclean, name))
    assert _python("from newsclean import run, dedup, clean; print(callable(dedup), callable(clean))") == "True True\n"
    assert set(newsclean.__all__) <= set(dir(newsclean))
    with pytest.raises(AttributeError):
        _ = newsclean.nothing_of_the_kind


def test_a_slow_stream_is_passed_on_record_by_record() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "newsclean", "clean", "-", "-o", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    for record in RECORDS[:2]:  # the second is written when the first has come back
        process.stdin.write(json.dumps(record).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == record["id"]
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    process.stdout.close()


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "text": STORY * 20}) + "\n" for n in range(2000)))
    command = f"{sys.executable} -m newsclean clean -q {path} | head -c 100 > {tmp_path}/x; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_interrupted_run_can_be_resumed(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "newsclean", "run", str(dump), "-o", str(out), "--workers", "2"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    while process.poll() is None and not (out / ".work" / "manifest.json").exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, message = process.communicate(timeout=30)
    assert process.returncode == 130
    assert message.endswith(b"\nnewsclean: interrupted; go on with --resume\n")
    assert invoke("run", dump, "-o", out, "--resume").exit_code == 0
    assert len(lines((out / "documents.jsonl").read_text())) == 2


def test_standard_input_is_read_once():
    done = invoke("clean", "-", "-", "-o", "-", stdin=b'{"text": "Once."}\n')
    assert done.exit_code == 2 and "given twice" in done.output
