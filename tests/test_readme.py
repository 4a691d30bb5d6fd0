"""The README is true: its Python runs, its rule loads, its command lines work and show what it shows."""

import doctest
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from newsclean.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A folder with the samples where the README's commands find them."""
    shutil.copytree(ROOT / "tests" / "samples", tmp_path / "tests" / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_python():
    for number, source in enumerate(blocks("python")):
        test = doctest.DocTestParser().get_doctest(source, {}, f"README python block {number + 1}", "README.md", 0)
        assert test.examples
        result = doctest.DocTestRunner().run(test)
        assert result.failed == 0


def test_explain_shows_what_the_readme_shows(clone):
    command, shown = re.search(r"\$ newsclean (explain tests/\S+)\n(.*?)```", README, re.DOTALL).groups()
    result = CliRunner().invoke(main, shlex.split(command))
    assert result.exit_code == 0
    assert [line.rstrip() for line in result.output.splitlines() if line.strip()] == [
        line.rstrip() for line in shown.splitlines() if line.strip()
    ]


def test_the_first_line_does_the_main_job(clone):
    command = re.search(r"^\$ pip install \. && newsclean (.*)$", README, re.MULTILINE)[1]
    result = CliRunner().invoke(main, shlex.split(command))
    assert result.exit_code == 0, result.output
    for name in ("documents.jsonl", "removals.jsonl", "duplicates.jsonl", "rejected.jsonl", "run.json"):
        assert (clone / "out" / name).exists()


def test_the_reports_are_made(clone):
    section = README.split("## The report")[1].split("\n## ")[0]
    commands = re.findall(r"^\$ newsclean (.*)$", section, re.MULTILINE)
    assert len(commands) == 4
    for command in commands:
        result = CliRunner().invoke(main, shlex.split(command))
        assert result.exit_code == 0, result.output
    assert (clone / "report.html").exists() and (clone / "changes.html").exists()


def test_every_command_of_the_table_exists():
    for usage in re.findall(r"^\| `newsclean ([a-z]+(?: (?:check|new|suggest|edit)\b)?)", README, re.MULTILINE):
        assert CliRunner().invoke(main, [*usage.split(), "--help"]).exit_code == 0, usage


def test_the_rule_is_a_rule(tmp_path):
    from newsclean.rules import load_rules

    (rule,) = blocks("toml")
    assert tomllib.loads(rule)
    (tmp_path / "lang").mkdir()
    (tmp_path / "lang" / "xx.toml").write_text(rule, encoding="utf-8")
    assert len(load_rules([tmp_path], packaged=False).rules) == 1
