"""The command line: one short function per command.

Owns: options, exit statuses (0 done, 1 a check failed, 2 an error in input, rules or usage), and what goes to which
stream. Must not know: how anything is done. Imports stand inside the functions: help must not wait for numba.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsclean.errors import NewscleanError, UsageError

if TYPE_CHECKING:
    from newsclean.dedup.settings import DedupSettings
    from newsclean.engines.local import Options
    from newsclean.formats import FieldNames
    from newsclean.rules.model import RuleBook

_ROLES = ("text", "id", "url", "site", "language", "published", "title", "source")


class _Failure(click.ClickException):
    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"newsclean: {self.message}", err=True)


class _Commands(click.Group):
    """Turns the errors raised on purpose into a message and status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NewscleanError as error:
            raise _Failure(str(error)) from None
        except BrokenPipeError:  # whoever read our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except KeyboardInterrupt:
            click.echo("\nnewsclean: interrupted", err=True)
            ctx.exit(130)


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator, shown in this order."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


_FOLDER: Any = click.Path(exists=True, file_okay=False, path_type=Path)
_inputs = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
_rules = click.option(
    "--rules", "rule_folders", multiple=True, type=_FOLDER, metavar="DIR",
    help="A folder of your own rules, laid over the packaged ones. Repeatable.",
)  # fmt: skip
_appended = click.option(
    "--appended", type=click.Choice(["drop", "split"]), default="drop", show_default=True,
    help="A second story below the first: drop it, or make it a document of its own (id PARENT#2).",
)  # fmt: skip
_dedup_options = _options(
    click.option("--keep", type=click.Choice(["earliest", "longest", "first"]), default="earliest", show_default=True,
                 help="Which copy of a story stays."),
    click.option("--prefer", multiple=True, metavar="NAME",
                 help="A source or site whose copy stays before others. Repeatable, best first."),
    click.option("--window", type=float, default=None, metavar="DAYS",
                 help="How far apart copies may be dated. 0: dates do not matter.  [default: 3]"),
)  # fmt: skip
_folder_options = _options(
    click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR"),
    click.option("--force", is_flag=True, help="Overwrite the files of an earlier run in DIR."),
    click.option("--resume", is_flag=True, help="Go on with the run in DIR that was cut short."),
)
_field_options = _options(
    *(
        click.option(f"--{role}-field", metavar="NAME", default="", help=f"What the records call `{role}`.")
        for role in _ROLES
    )
)
_common = _options(
    click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes."),
    click.option("-q", "--quiet", is_flag=True, help="No progress, no messages; errors only."),
    _field_options,
)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="newsclean")
def main() -> None:
    """Dumps of extracted news text in, clean and unique stories out.

    INPUT is JSONL (plain, .gz, .zst, .bz2, .xz), Parquet, text files, a folder of
    these, or - for JSONL on standard input. Exit status: 0 done, 1 a check
    failed, 2 an error in input, rules or usage.
    """


@main.command()
@_inputs
@_folder_options
@_rules
@_appended
@_dedup_options
@click.option("--format", "form", type=click.Choice(["jsonl", "parquet"]), default="jsonl", help="Of the three files.")
@click.option("--compress", type=click.Choice(["zstd", "gzip"]), help="Compress the JSONL files.")
@_common
def run(inputs: tuple[str, ...], output: Path, rule_folders: tuple[Path, ...], appended: str, **given: Any) -> None:
    """Clean and deduplicate: the main job.

    Writes documents, removals and duplicates, rejected.jsonl and run.json to DIR.
    """
    _start_workers(inputs, given["workers"])
    from newsclean.engines import local
    from newsclean.show import show_run

    told = local.run(
        inputs, output, rules=_book(rule_folders), settings=_settings(given), appended=appended,
        fields=_fields(given), options=_run_options(given),
    )  # fmt: skip
    show_run(told, output, quiet=given["quiet"])
    _end(told["counts"]["rejected"])


@main.command()
@_inputs
@_folder_options
@_dedup_options
@_common
def dedup(inputs: tuple[str, ...], output: Path, **given: Any) -> None:
    """Find near-duplicates; the texts stay as they are.

    Writes pairs.jsonl and clusters.jsonl to DIR.
    """
    _start_workers(inputs, given["workers"])
    from newsclean.engines import local
    from newsclean.show import show_run

    told = local.dedup_files(
        inputs, output, settings=_settings(given), fields=_fields(given), options=_run_options(given)
    )
    show_run(told, output, quiet=given["quiet"])
    _end(told["counts"]["rejected"])


@main.command()
@_inputs
@click.option("-o", "--output", default="-", metavar="FILE|-", help="Default: standard output.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@_rules
@_appended
@_common
def clean(
    inputs: tuple[str, ...], output: str, force: bool, rule_folders: tuple[Path, ...], appended: str, **given: Any
) -> None:
    """Clean documents: JSONL in, JSONL out, in the same order.

    Each record gets its `removals`, the `fields` they told, and `flags`.
    """
    from newsclean.engines import local
    from newsclean.formats import open_stream
    from newsclean.pipeline.job import Job

    job = Job(_fields(given), _book(rule_folders), appended=appended)
    results = local.clean_stream(inputs, job, local.Options(workers=given["workers"] or 1))
    rejected = 0
    with open_stream(output, force) as out:
        for lines, refused in results:
            out.write(lines)
            rejected += len(refused)
            for message in refused if not given["quiet"] else ():
                click.echo(f"newsclean: {message}", err=True)
    _end(rejected)


@main.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE | ID")
@click.option("--from", "file", metavar="FILE", help="The file that holds the document with this ID.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a page to read.")
@_rules
@_field_options
def explain(
    names: tuple[str, ...], file: str | None, as_json: bool, rule_folders: tuple[Path, ...], **given: Any
) -> None:
    """Show documents with every removal, its class and its rule.

    Of each document in FILE, or of the one with the ID in --from FILE.
    """
    from newsclean import show
    from newsclean.cleaning import clean_batch

    if len(names) > 1:
        raise UsageError("explain takes one FILE, or one ID with --from FILE")
    documents = show.find_documents(file or names[0], names if file else (), _fields(given))
    batch = clean_batch(documents, _book(rule_folders))
    for i, document in enumerate(documents):
        if as_json:
            click.echo(show.explain_json(document, batch, i))
        else:
            click.echo(show.explain_text(document, batch, i, colour=sys.stdout.isatty()))


@main.group()
def rules() -> None:
    """Check rule files."""


@rules.command()
@click.argument("folder", metavar="[DIR]", required=False, type=_FOLDER)
@click.option("-q", "--quiet", is_flag=True, help="Problems only.")
def check(folder: Path | None, quiet: bool) -> None:
    """Lint rule files, try every example and every case.

    DIR is a folder of your own rules; without it the packaged ones are checked.
    """
    from newsclean.rules.check import check_rules

    report = check_rules(folder)
    for problem in report.problems:
        click.echo(problem)
    if not quiet:
        tried = f"{report.rules:,} rules, {report.examples:,} examples, {report.cases:,} cases"
        click.echo(f"{tried}: {len(report.problems) or 'no'} problems", err=True)
    if report.problems:
        sys.exit(1)


def _start_workers(inputs: tuple[str, ...], workers: int | None) -> None:
    """Begin with the worker processes before this one imports the same: each needs about a second."""
    from newsclean.engines.pool import start_server, wanted_workers
    from newsclean.formats import find_sources

    if (workers or wanted_workers(sum(source.size for source in find_sources(inputs)))) > 1:
        start_server()


def _book(folders: tuple[Path, ...]) -> RuleBook:
    from newsclean.rules.load import load_rules

    return load_rules(folders)


def _fields(given: dict[str, Any]) -> FieldNames:
    from newsclean.formats import FieldNames

    return FieldNames(**{role: given[f"{role}_field"] for role in _ROLES})


def _settings(given: dict[str, Any]) -> DedupSettings:
    from newsclean.dedup.settings import DedupSettings

    window: dict[str, Any] = {} if given["window"] is None else {"window": given["window"] or None}
    return DedupSettings(keep=given["keep"], prefer=given["prefer"], **window)


def _run_options(given: dict[str, Any]) -> Options:
    from newsclean.engines.local import Options
    from newsclean.show import watch

    return Options(
        workers=given["workers"], parquet=given.get("form") == "parquet", compress=given.get("compress"),
        force=given["force"], resume=given["resume"], watch=watch(given["quiet"]),
    )  # fmt: skip


def _end(rejected: int) -> None:
    if rejected:
        sys.exit(2)
