"""The command line: one short function per command.

Owns: the commands, exit statuses (0 done, 1 a check failed, 2 an error in input, rules or usage), and what goes to which
stream. Must not know: how anything is done. Imports stand inside the functions: help must not wait for numba.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsclean.cli import options
from newsclean.cli.index import index
from newsclean.cli.rules import check, rules
from newsclean.errors import NewscleanError, UsageError

if TYPE_CHECKING:
    from newsclean.profile import Profile
    from newsclean.text import Document


class _Failure(click.ClickException):
    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"newsclean: {self.message}", err=True)


_COLLECT = 100_000  # objects made between two searches for garbage; Python's 700 make a twentieth of a run


@contextlib.contextmanager
def _lean() -> Iterator[None]:
    """What a program may do that a library may not, as the workers do too (`pipeline.ready`).

    SciPy is hidden, which numba would import for nothing (.3 s); NumPy's threads for products of matrices, of which there are
    none, would wait for them busily; and garbage is looked for less often.
    """
    hidden, often = "scipy" not in sys.modules, gc.get_threshold()
    if hidden:
        sys.modules["scipy"] = None  # type: ignore[assignment]
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(_COLLECT)
    try:
        yield
    finally:
        gc.set_threshold(*often)
        if hidden:
            del sys.modules["scipy"]


class _Commands(click.Group):
    """Turns the errors raised on purpose into a message and status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _lean():
                return super().invoke(ctx)
        except NewscleanError as error:
            raise _Failure(str(error)) from None
        except BrokenPipeError:  # whoever read our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except KeyboardInterrupt:
            more = "; go on with --resume" if ctx.invoked_subcommand in ("run", "dedup") else ""
            click.echo(f"\nnewsclean: interrupted{more}", err=True)
            ctx.exit(130)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="newsclean")
def main() -> None:
    """Dumps of extracted news text in, clean and unique stories out.

    INPUT is JSONL (plain, .gz, .zst, .bz2, .xz), Parquet, Arrow, CSV, TSV, WARC,
    WET, text files, a folder of these, an address such as s3://bucket/*.jsonl.gz,
    or - for JSONL on standard input. Exit status: 0 done, 1 a check failed, 2 an
    error in input, rules or usage.
    """


@main.command()
@options.inputs
@options.folder
@options.rules
@options.appended
@options.shape
@options.repetition
@options.deduplication
@options.all_relations
@options.written
@options.engine
@options.common
def run(inputs: tuple[str, ...], output: str, rule_folders: tuple[Path, ...], appended: str, shape: bool, **given: Any) -> None:
    """Clean and deduplicate: the main job.

    Writes documents, removals and duplicates, rejected.jsonl and run.json to DIR.
    """
    engine = options.engine_of(given, start=lambda: _start_workers(inputs, given["workers"]))
    from newsclean.cli.show import show_run

    told = engine(
        inputs, output, rules=options.rule_book(rule_folders), settings=options.settings_of(given), appended=appended,
        shape=shape, profile=options.profile_of(given["profile"]), all_relations=given["all_relations"],
        fields=options.fields_of(given), options=options.run_options(given),
    )  # fmt: skip
    show_run(told, output, quiet=given["quiet"])
    _end(told["counts"]["rejected"])


@main.command()
@options.inputs
@options.optional_folder
@options.deduplication
@options.all_relations
@click.option("--offsets", is_flag=True, help="Tell where in its texts a pair is alike, and what only one has.")
@click.option("--sweep", callback=options.thresholds, default="", metavar=".3,.5,.7",
              help="Print what other thresholds would collapse (the share of the shorter text that must stand in the other; "
                   "default .75). -o is not needed then.")
@options.common
def dedup(inputs: tuple[str, ...], output: str | None, **given: Any) -> None:
    """Find near-duplicates; the texts stay as they are.

    Writes pairs.jsonl and clusters.jsonl to DIR.
    """
    if output is None and not given["sweep"]:
        raise click.UsageError("Missing option '-o' / '--output'.")
    _start_workers(inputs, given["workers"])
    from newsclean.cli.show import show_run, show_sweep
    from newsclean.engines import local

    with tempfile.TemporaryDirectory(prefix="newsclean-") as scratch:
        told = local.dedup_files(
            inputs, output or scratch, settings=options.settings_of(given), all_relations=given["all_relations"],
            offsets=given["offsets"], sweep=given["sweep"], fields=options.fields_of(given),
            options=options.run_options(given),
        )  # fmt: skip
    if output:
        show_run(told, output, quiet=given["quiet"])
    if given["sweep"]:
        click.echo(show_sweep(told["sweep"]))
    _end(told["counts"]["rejected"])


@main.command()
@options.inputs
@click.option("-o", "--output", default="-", metavar="FILE|-", help="Default: standard output.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@options.rules
@options.appended
@options.shape
@options.profile
@options.common_streaming
def clean(
    inputs: tuple[str, ...], output: str, force: bool, rule_folders: tuple[Path, ...], appended: str, shape: bool, **given: Any
) -> None:
    """Clean documents: JSONL in, JSONL out, in the same order.

    Each record gets its `removals`, the `fields` they told, and `flags`.
    """
    from newsclean.cli import show
    from newsclean.engines import local
    from newsclean.engines.blocks import Options
    from newsclean.formats import open_stream
    from newsclean.pipeline.job import Job

    job = Job(
        options.fields_of(given), options.rule_book(rule_folders), appended=appended, shape=shape,
        profile=options.profile_of(given["profile"]),
    )  # fmt: skip
    watch = show.watch(given["quiet"] or (output == "-" and sys.stdout.isatty()))
    rejected = 0
    with open_stream(output, force) as out:
        for block in local.clean_stream(inputs, job, Options(workers=given["workers"] or 1, watch=watch)):
            out.write(block.lines)
            rejected += len(block.rejected)
            for message in block.rejected if not given["quiet"] else ():
                click.echo(f"newsclean: {message}", err=True)
    _end(rejected)


@main.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE | ID | A B")
@click.option("--from", "file", metavar="FILE", help="The file that holds the documents with these ids.")
@click.option(
    "--only", multiple=True, metavar="CLASS",
    help="Removals of this class only, each between its neighbours. Repeatable.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a page to read.")
@options.rules
@options.profile
@options.window
@options.field_names
def explain(names: tuple[str, ...], file: str | None, only: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Show what would be done, and why.

    \b
    explain FILE             every removal in its documents, with class and rule
    explain ID --from FILE   in one of its documents
    explain A B --from FILE  why two are, or are not, the same story
    """
    from newsclean.cli import show

    if len(names) > (2 if file else 1):
        raise UsageError("explain takes one FILE, or one or two ids with --from FILE")
    classes = _classes(only)
    documents = show.find_documents(file or names[0], names if file else (), options.fields_of(given))
    profile = options.known_profile(given["profile"], file or names[0], options.fields_of(given))
    if len(names) == 2:
        a, b = documents
        click.echo(_explain_pair(a, b, as_json, profile, given))
        return
    from newsclean.cleaning import clean_batch

    batch = clean_batch(documents, options.rule_book(given["rule_folders"]), profile=profile)
    colour = sys.stdout.isatty()
    for i, document in enumerate(documents):
        if only and not any(removal.cls in classes for removal in batch.removals(i)):
            continue
        if as_json:
            click.echo(show.explain_json(document, batch, i, classes))
        else:
            click.echo(show.explain_text(document, batch, i, classes, colour))


def _classes(only: tuple[str, ...]) -> frozenset[str]:
    """The classes to show, by default all."""
    from newsclean.rules.model import CLASSES

    for name in only:
        if name not in CLASSES:
            raise UsageError(f"no class {name!r}; there are {', '.join(sorted(CLASSES))}")
    return frozenset(only or CLASSES)


def _explain_pair(a: Document, b: Document, as_json: bool, profile: Profile | None, given: dict[str, Any]) -> str:
    """The account of two documents as they are compared: cleaned."""
    import json
    from dataclasses import asdict, replace

    from newsclean.cleaning import clean_batch
    from newsclean.cli.show import explain_pair_text
    from newsclean.dedup.explain import explain_pair

    texts = clean_batch([a, b], options.rule_book(given["rule_folders"]), profile=profile).texts
    a, b = replace(a, text=texts[0]), replace(b, text=texts[1])
    why = explain_pair(a, b, options.settings_of(given))
    return json.dumps(asdict(why), ensure_ascii=False) if as_json else explain_pair_text(a, b, why)


@main.command()
@options.inputs
@click.option("-o", "--output", default="-", metavar="FILE|-", help="Default: standard output.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@options.common
def profile(inputs: tuple[str, ...], output: str, force: bool, **given: Any) -> None:
    """List what the sites of a dump print again and again.

    The lines, site by site, with the number of stories that show each: near-
    duplicates count once. `clean` and `run` remove them with --profile FILE. The
    input is read twice.
    """
    _start_workers(inputs, given["workers"])
    from newsclean.engines import local
    from newsclean.formats import open_stream
    from newsclean.profile import write_profile

    with open_stream(output, force) as out:
        sites = local.profile_files(inputs, options.fields_of(given), options.run_options(given))
        out.write(write_profile(sites).encode())
    if not given["quiet"]:
        click.echo(f"{sum(len(site.lines) for site in sites):,} lines of {len(sites):,} sites", err=True)


@main.command()
@click.argument("folder", metavar="OUT", type=options.FOLDER)
@click.argument("newer", metavar="[NEW]", required=False, type=options.FOLDER)
@click.option("-o", "--output", default="report.html", show_default=True, metavar="FILE|-", help="The page to write.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def report(folder: Path, newer: Path | None, output: str, force: bool) -> None:
    """Make a page that shows what a run did.

    \b
    report OUT      what came in and stayed, documents with what was removed,
                    every rule with examples, copies and who carried them
    report OLD NEW  what a change of rules did, between two runs over one input

    OUT is a folder that `newsclean run` wrote. The page is one file, under 5 MB
    for a run of any size, and needs no network. It shows whole texts if the
    input of the run is still where it was.
    """
    from newsclean.report import write_report

    write_report(folder, output, newer, force=force)


main.add_command(rules)
main.add_command(check)
main.add_command(index)


def _start_workers(inputs: tuple[str, ...], workers: int | None) -> None:
    """Begin with the worker processes before this one imports the same: each needs about a second."""
    from newsclean.engines.pool import start_server, wanted_workers
    from newsclean.formats import find_sources

    if (workers or wanted_workers(sum(source.size for source in find_sources(inputs)))) > 1:
        start_server()


def _end(rejected: int) -> None:
    if rejected:
        sys.exit(2)
