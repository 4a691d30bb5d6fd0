"""Options that several commands share, and what they stand for.

Owns: their names, defaults and help. Must not know: commands. Heavy imports stand inside the functions:
help must not wait.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsclean.dedup.settings import KEEP, UPDATES, DedupSettings
from newsclean.errors import UsageError

if TYPE_CHECKING:
    from newsclean.engines.blocks import Options
    from newsclean.formats import FieldNames
    from newsclean.profile import Profile
    from newsclean.rules.model import RuleBook

_ROLES = ("text", "id", "url", "site", "language", "published", "title", "source")


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator, shown in this order."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


FOLDER: Any = click.Path(exists=True, file_okay=False, path_type=Path)
inputs = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
all_relations = click.option(
    "--all-relations", is_flag=True, help="List partial copies and pairs of one template in pairs.jsonl as well."
)
rules = click.option(
    "--rules", "rule_folders", multiple=True, type=FOLDER, metavar="DIR",
    help="A folder of your own rules, laid over the packaged ones. Repeatable.",
)  # fmt: skip
appended = click.option(
    "--appended", type=click.Choice(["drop", "split"]), default="drop", show_default=True,
    help="A second story below the first: drop it, or make it a document of its own (id PARENT#2).",
)  # fmt: skip
shape = click.option(
    "--no-shape", "shape", flag_value=False, default=True, type=bool,
    help="Rules only: don't look for the story of a whole page by its shape.",
)

profile = click.option(
    "--profile", metavar="FILE|auto",
    help="Remove what sites repeat: the lines in a FILE of `newsclean profile`, or what repeats in the input, read twice.",
)  # fmt: skip

repetition = click.option(
    "--profile", metavar="auto|FILE|off", default="auto", show_default=True,
    help="Remove what sites repeat: what repeats in the input, read twice; or the lines in a FILE of `newsclean profile`.",
)  # fmt: skip


def _period(context: click.Context | None, option: click.Parameter | None, given: str | None) -> float | None:
    """A time in days or hours, as days; `off` is endless.

    >>> [_period(None, None, text) for text in ("3d", "36h", "2", "off", "0", None)]
    [3.0, 1.5, 2.0, inf, inf, None]
    """
    if given is None:
        return None
    told = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+) *([dh]?)|off", given.strip().casefold())
    if not told:
        raise click.BadParameter(f"{given!r} is no period; write days (3d), hours (36h), or off")
    return float(told[1] or 0) / (24 if told[2] == "h" else 1) or math.inf


window = click.option(
    "--window", callback=_period, metavar="3d|36h|off",
    help="How far apart copies may be dated, where both dates are known; off (or 0): dates do not matter.  "
         f"[default: {DedupSettings().window:g}d]",
)  # fmt: skip
deduplication = _options(
    click.option("--keep", type=click.Choice(KEEP), default=KEEP[0], show_default=True,
                 help="Which copy of a story stays."),
    click.option("--prefer", multiple=True, metavar="NAME",
                 help="A source or site whose copy stays before others. Repeatable, best first."),
    click.option("--updates", type=click.Choice(UPDATES), default=UPDATES[0], show_default=True,
                 help="A later version of a story by the same source: as --keep says, or it stays."),
    window,
)  # fmt: skip


def _size(context: click.Context | None, option: click.Parameter | None, given: str | None) -> int | None:
    """A size as people write it, in bytes.

    >>> [_size(None, None, text) for text in ("256MB", "1.5 gb", "5000", None)]
    [256000000, 1500000000, 5000, None]
    """
    if given is None:
        return None
    told = re.fullmatch(r"(\d+(?:\.\d+)?) *([kmg]?)b?", given.strip().casefold())
    size = int(float(told[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[told[2]]) if told else 0
    if not size:
        raise click.BadParameter(f"{given!r} is no size; write 256MB or 1GB")
    return size


written = _options(
    click.option("--format", "form", type=click.Choice(["jsonl", "parquet"]), default="jsonl", show_default=True,
                 help="Of documents, removals and duplicates."),
    click.option("--compress", type=click.Choice(["zstd", "gzip"]), help="Compress JSONL."),
    click.option("--shard-size", callback=_size, metavar="256MB",
                 help="Cut these three into shards of at most so much JSON, before compression."),
)  # fmt: skip
engine = _options(
    click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True,
                 help="Where to run: on this machine, or on Spark (pip install 'newsclean[spark]')."),
    click.option("--master", metavar="URL", help="Of the Spark cluster.  [default: that of spark-submit, else this machine]"),
    click.option("--conf", multiple=True, metavar="KEY=VALUE", help="A setting of Spark. Repeatable."),
)  # fmt: skip


def _folder(required: bool) -> Callable[[Any], Any]:
    return _options(
        click.option("-o", "--output", required=required, metavar="DIR", help="A folder, here or at an address."),
        click.option("--force", is_flag=True, help="Overwrite the files of an earlier run in DIR."),
        click.option("--resume", is_flag=True, help="Go on with the run in DIR that was cut short."),
    )


folder, optional_folder = _folder(required=True), _folder(required=False)
field_names = _options(
    *(
        click.option(f"--{role}-field", metavar="NAME", default="", help=f"What the records call `{role}`.")
        for role in _ROLES
    )
)


def _common(workers: str) -> Callable[[Any], Any]:
    return _options(
        click.option("--workers", type=click.IntRange(min=1), metavar="N", help=f"Processes; by default {workers}."),
        click.option("-q", "--quiet", is_flag=True, help="No progress, no messages; errors only."),
        field_names,
    )


common, common_streaming = _common("one a core, if the input pays for them"), _common("1")


def thresholds(context: click.Context, option: click.Parameter, given: str) -> tuple[float, ...]:
    """Numbers with commas between them."""
    try:
        return tuple(float(number) for number in given.split(",") if number.strip())
    except ValueError:
        raise click.BadParameter(f"{given!r}: write numbers with commas between them, such as .3,.5,.7") from None


def rule_book(folders: tuple[Path, ...]) -> RuleBook:
    from newsclean.rules.load import load_rules

    return load_rules(folders)


def profile_of(given: str | None) -> Profile | str | None:
    """What --profile stands for, as a Job takes it."""
    from newsclean.pipeline.job import AUTO
    from newsclean.pipeline.repetition import load_profile

    if given is None or given == "off":
        return None
    return given if given == AUTO else load_profile(given)


def known_profile(given: str | None, file: str, fields: FieldNames) -> Profile | None:
    """The profile that --profile stands for where the input is one file; `auto` counts that."""
    from newsclean.engines.blocks import Options, informed
    from newsclean.formats import STDIN, find_sources
    from newsclean.pipeline.job import AUTO, Job

    if given == AUTO and file == STDIN:
        raise UsageError("--profile auto reads its input twice, and here standard input cannot be: give a file")
    job = Job(fields, profile=profile_of(given))
    return informed(job, find_sources([file]), Options()).known_profile


def fields_of(given: dict[str, Any]) -> FieldNames:
    from newsclean.formats import FieldNames

    return FieldNames(**{role: given[f"{role}_field"] for role in _ROLES})


def settings_of(given: dict[str, Any]) -> DedupSettings:
    chosen: dict[str, Any] = {name: given[name] for name in ("keep", "prefer", "updates") if name in given}
    if given["window"] is not None:
        chosen["window"] = None if given["window"] == math.inf else given["window"]
    return DedupSettings(**chosen)


def engine_of(given: dict[str, Any], start: Callable[[], None]) -> Callable[..., dict[str, Any]]:
    """The function that runs on the engine chosen; start: what the local one begins with."""
    if given["engine"] == "spark":
        from newsclean.engines.spark.files import run_files

        return partial(run_files, master=given["master"], conf=given["conf"])
    if given["master"] or given["conf"]:
        raise UsageError("--master and --conf are for --engine spark")
    start()
    from newsclean.engines.local import run

    return run


def run_options(given: dict[str, Any]) -> Options:
    from newsclean.cli.show import watch
    from newsclean.engines.blocks import Options

    return Options(
        workers=given["workers"], parquet=given.get("form") == "parquet", compress=given.get("compress"),
        shard_size=given.get("shard_size"),
        force=given.get("force", False), resume=given.get("resume", False), watch=watch(given["quiet"]),
    )  # fmt: skip
