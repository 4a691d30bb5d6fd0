"""The commands of those who write rules: `newsclean rules ...`, and `newsclean check` on their samples.

Owns: their options and what they print. Must not know: how anything is done. Imports stand inside the functions: help must
not wait.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from newsclean.cli import options


@click.group()
def rules() -> None:
    """Check, begin and draft rule files."""


@rules.command("check")
@click.argument("folder", metavar="[DIR]", required=False, type=options.FOLDER)
@click.option(
    "--samples", multiple=True, type=options.FOLDER, metavar="DIR",
    help="Clean texts, NAME.expected.txt, in which no rule may act. Repeatable.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Problems only.")
def check_rule_files(folder: Path | None, samples: tuple[Path, ...], quiet: bool) -> None:
    """Lint rule files, try every example and every case.

    DIR is a folder of your own rules; without it the packaged ones are checked.
    """
    from newsclean.rules.check import check_rules

    report = check_rules(folder, samples)
    for problem in report.problems:
        click.echo(problem)
    if not quiet:
        tried = f"{report.rules:,} rules, {report.examples:,} examples, {report.cases:,} cases"
        click.echo(f"{tried}: {len(report.problems) or 'no'} problems", err=True)
    if report.problems:
        sys.exit(1)


@rules.command()
@click.argument("kind", type=click.Choice(["lang", "site", "wire"]))
@click.argument("name")
@click.option(
    "--rules", "folder", type=click.Path(file_okay=False, path_type=Path), default="rules", show_default=True,
    metavar="DIR", help="The folder of your rules.",
)  # fmt: skip
def new(kind: str, name: str, folder: Path) -> None:
    """Begin a rule file: a commented template that passes its check.

    NAME is a language code, a host or an agency.
    """
    from newsclean.rules.template import new_rules

    click.echo(new_rules(kind, name, folder))


@rules.command()
@options.inputs
@click.option("-o", "--output", default="-", metavar="FILE|-", help="Default: standard output.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@options.rules
@options.field_names
def suggest(inputs: tuple[str, ...], output: str, force: bool, rule_folders: tuple[Path, ...], **given: Any) -> None:
    """Draft rules for what the rules at hand leave standing in a dump.

    Heads of lines, whole lines and sign-offs that come again and again, with
    counts and examples; near-duplicates count once. The input is read twice.
    """
    from newsclean.formats import open_stream
    from newsclean.suggest import suggest as suggest_rules

    with open_stream(output, force) as out:
        told = suggest_rules(inputs, options.rule_book(rule_folders), options.fields_of(given))
        out.write(told.toml.encode())
    click.echo(f"{told.rules:,} rules proposed from {told.stories:,} stories, for {told.scope}.toml", err=True)
    for message in told.rejected:
        click.echo(f"newsclean: {message}", err=True)
    if told.rejected:
        sys.exit(2)


@rules.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sample", "inputs", multiple=True, required=True, metavar="FILE", help="Your documents. Repeatable.")
@options.field_names
def edit(folder: Path, inputs: tuple[str, ...], **given: Any) -> None:
    """Write rules on a page that shows what they do.

    Prints an address to open in a browser on this machine. Left the rule files
    in DIR, right what they remove from 200 documents of FILE, as you type.
    Select text in a document to draft a rule that removes it. A file is saved
    only if its check passes. Ctrl-C ends.
    """
    from newsclean.cli.show import announce_compiling
    from newsclean.editor import edit_rules

    def ready(address: str) -> None:
        click.echo(f"Open {address}\nCtrl-C ends.")

    announce_compiling()
    edit_rules(folder, inputs, options.fields_of(given), ready)


@click.command()
@click.argument("folder", metavar="DIR", type=options.FOLDER)
@click.option("--update", is_flag=True, help="Write what cleaning gives over the expected files.")
@options.rules
def check(folder: Path, update: bool, rule_folders: tuple[Path, ...]) -> None:
    """Clean sample files, and compare with what is expected.

    NAME.txt is cleaned and must give NAME.expected.txt. NAME.json may say what the
    record of the text would: url, language and so on. Records in NAME.jsonl are
    compared with NAME.expected.jsonl, by id.
    """
    from newsclean.samples import check_samples

    report = check_samples(folder, options.rule_book(rule_folders), update=update)
    for difference in report.differences:
        click.echo(f"{difference}\n")
    for path in report.written:
        click.echo(f"wrote {path}", err=True)
    failed = len(report.differences)
    click.echo(
        f"{report.samples:,} samples: {failed or 'no'} {'difference' if failed == 1 else 'differences'}", err=True
    )
    if failed:
        sys.exit(1)
