"""Pages of documentation as tests: their commands run in order, show what they show, and their Python is true."""

from __future__ import annotations

import doctest
import json
import re
import shlex
import signal
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

from click.testing import CliRunner

from newsclean.cli import main

ROOT = Path(__file__).parents[1]


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def run_page(text):
    """Run all of a page, in the present folder and in reading order."""
    names = {}
    for language, block in re.findall(r"```(console|python)\n(.*?)```", text, re.DOTALL):
        if language == "python":
            run_python(block, names)
        else:
            for command, shown in re.findall(r"^\$ (.*)\n((?:[^$].*\n|\n)*)", block, re.MULTILINE):
                run_command(command, shown)


def run_python(source, names):
    """Run the examples of a block; `names` are those of the blocks before it on the page."""
    test = doctest.DocTestParser().get_doctest(source, names, "page", "page", 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test, clear_globs=False).failed == 0
    names |= test.globs


def run_command(line, shown=""):
    """Run one command line: newsclean, pipes between its commands, `pip install` of this project's extras."""
    words = shlex.split(line, comments=True)
    if words[:2] == ["pip", "install"]:
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
        assert set(re.findall(r"\.\[(.*)\]", words[-1])) <= set(extras), line
    elif words[:3] == ["newsclean", "rules", "edit"]:
        write_first_rule(words)
    else:
        given = None
        for part in " ".join(map(shlex.quote, words)).split(" '|' "):
            assert part.startswith("newsclean "), line
            result = CliRunner().invoke(main, shlex.split(part)[1:], input=given)
            assert result.exit_code == 0, (line, result.output)
            given = result.stdout_bytes
        if shown:
            assert [row.rstrip() for row in result.stdout.splitlines()] == [row.rstrip() for row in shown.splitlines()], line


def write_first_rule(words):
    """What a reader does on the page: select a line that stands, have a rule drafted, save it."""
    with subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True) as server:
        address = server.stdout.readline().split()[1]

        def ask(what, **question):
            origin = address.rsplit("/", 2)[0]
            headers = {"content-type": "application/json", "origin": origin}
            request = urllib.request.Request(address + what, json.dumps(question).encode(), headers)
            return json.load(urllib.request.urlopen(request, timeout=60))

        scope = "lang/en"
        file = ask("open", scope=scope)
        if not file["stamp"]:
            tried = ask("try", scope=scope, text=file["text"], rule="", shown=0)
            document, line = re.search(r'data-document="(\d+)".*?<p dir="auto">([^<&]+)</p>', tried["results"], re.DOTALL).groups()
            drafted = ask("draft", scope=scope, text=file["text"], document=int(document), selected=line)["toml"]
            assert ask("save", scope=scope, text=file["text"] + drafted, stamp="")["problems"] == []
        server.send_signal(signal.SIGINT)
        server.wait(30)
