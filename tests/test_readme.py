"""The README is true: its Python runs, its rule loads, its command lines work and show what it shows."""

import re
import shlex
import tomllib

import pytest
from click.testing import CliRunner

from newsclean.cli import main
from pages import ROOT, blocks, run_page, run_python

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_python():
    for source in blocks(README, "python"):
        run_python(source, {})


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


@pytest.mark.parametrize("section", ["The report", "Rules"])
def test_a_section_runs(section, clone):
    run_page(README.split(f"## {section}\n")[1].split("\n## ")[0])


def test_every_command_of_the_table_exists():
    for usage in re.findall(r"^\| `newsclean ([a-z]+(?: (?:check|new|suggest|edit)\b)?)", README, re.MULTILINE):
        assert CliRunner().invoke(main, [*usage.split(), "--help"]).exit_code == 0, usage


def test_the_rule_is_a_rule(tmp_path):
    from newsclean.rules import load_rules

    (rule,) = blocks(README, "toml")
    assert tomllib.loads(rule)
    (tmp_path / "lang").mkdir()
    (tmp_path / "lang" / "xx.toml").write_text(rule, encoding="utf-8")
    assert len(load_rules([tmp_path], packaged=False).rules) == 1
