"""The commands of those who remember yesterday: `newsclean index ...`.

Owns: their options and what they print. Must not know: how anything is done. Imports stand inside the functions: help must
not wait.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsclean.cli import options

if TYPE_CHECKING:
    from newsclean.index.verdict import Verdict
    from newsclean.text import Document

_FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.group()
def index() -> None:
    """Compare today's documents with those of the days before.

    An index is a folder on a local disk. One process at a time adds to it, any
    number query it; a crash leaves the state before. Texts are compared as they
    are: `newsclean clean today.jsonl -o - | newsclean index add DIR -`.
    """


@index.command()
@_FOLDER
@options.deduplication
def create(folder: Path, **given: Any) -> None:
    """Begin an empty index; its settings stay as they are.

    --keep and --prefer choose among documents that are added together: a kept
    document stays the kept one of its cluster.
    """
    from newsclean.index.duplicates import DuplicateIndex

    DuplicateIndex.create(folder, options.settings_of(given))


def _judging(function: Any) -> Any:
    """Arguments and options of the commands that judge documents."""
    for option in reversed(
        (
            _FOLDER,
            options.inputs,
            click.option("-o", "--output", default="-", metavar="FILE|-", help="Default: standard output."),
            click.option("--force", is_flag=True, help="Overwrite FILE."),
            click.option("-q", "--quiet", is_flag=True, help="No progress, no messages; errors only."),
            options.field_names,
        )
    ):
        function = option(function)
    return function


@index.command()
@_judging
def add(folder: Path, inputs: tuple[str, ...], output: str, force: bool, quiet: bool, **given: Any) -> None:
    """Add documents, and tell which of them are copies of earlier ones.

    Writes JSON lines: id, cluster, kept, and for a duplicate kept_id, relation
    and figures. What is in the index already is `known` and not added again, so
    an interrupted command can be given again.
    """
    from newsclean.index.duplicates import DuplicateIndex

    duplicates = DuplicateIndex(folder)
    with duplicates.writing():
        _judge(duplicates.add, inputs, output, force, quiet, given)


@index.command()
@_judging
def query(folder: Path, inputs: tuple[str, ...], output: str, force: bool, quiet: bool, **given: Any) -> None:
    """Tell what `add` would, without adding."""
    from newsclean.index.duplicates import DuplicateIndex

    _judge(DuplicateIndex(folder).query, inputs, output, force, quiet, given)


def _judge(
    judge: Callable[[Sequence[Document]], list[Verdict]],
    inputs: tuple[str, ...], output: str, force: bool, quiet: bool, given: dict[str, Any],
) -> None:  # fmt: skip
    from newsclean.cli.show import watch
    from newsclean.formats import find_sources, open_stream
    from newsclean.index.feed import judge_files

    sources = find_sources(inputs)
    progress = watch(quiet or (output == "-" and sys.stdout.isatty()))
    progress.stage("index", sum(source.size for source in sources))
    kept = known = documents = rejected = 0
    with open_stream(output, force) as out:
        for part in judge_files(judge, sources, options.fields_of(given)):
            out.write(part.lines)
            documents += len(part.verdicts)
            known += sum(verdict.known for verdict in part.verdicts)
            kept += sum(verdict.kept and not verdict.known for verdict in part.verdicts)
            rejected += len(part.rejected)
            progress.advance(part.read, documents)
            for message in part.rejected if not quiet else ():
                click.echo(f"newsclean: {message}", err=True)
    if not quiet:
        told = f"{kept:,} new stories, {documents - kept - known:,} duplicates, {known:,} known before"
        click.echo(f"{documents:,} documents: {told}", err=True)
    if rejected:
        sys.exit(2)


@index.command()
@_FOLDER
@click.option("--before", required=True, metavar="DATE", help="The first day that stays, such as 2024-05-12.")
@click.option("-q", "--quiet", is_flag=True, help="No message.")
def expire(folder: Path, before: str, quiet: bool) -> None:
    """Forget documents dated before a day.

    Those without a date are forgotten if they were added before it.
    """
    from newsclean.index.duplicates import DuplicateIndex

    duplicates = DuplicateIndex(folder)
    forgotten = duplicates.expire(before)
    if not quiet:
        click.echo(f"{forgotten:,} documents forgotten, {len(duplicates):,} stay", err=True)


@index.command()
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def stats(folder: Path, as_json: bool) -> None:
    """What an index holds."""
    import json

    from newsclean.index.duplicates import DuplicateIndex

    told = asdict(DuplicateIndex(folder).stats())
    if as_json:
        click.echo(json.dumps(told))
        return
    for name, value in told.items():
        click.echo(f"{name:10}  {value:,}" if isinstance(value, int) else f"{name:10}  {value or '-'}")
