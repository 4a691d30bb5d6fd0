"""Pages that show what a run did, and what a change of rules did to a run.

Owns: `write_report`. Must not know: how a run is made; everything is read from its files. jinja2 and pygal come with
`newsclean[report]` and are loaded only here.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from newsclean.errors import UsageError
from newsclean.formats import open_stream

__all__ = ["write_report"]


def write_report(folder: Path, output: str, newer: Path | None = None, *, force: bool = False) -> None:
    """Write the report of the run in `folder` to `output` (`-`: standard output) as one HTML file that needs no network.

    newer: a second run over the same input; the report then shows what is different. Raises InputError for a folder that is not
    the output of `newsclean run`, UsageError for an `output` that exists, unless `force`, or where jinja2 and pygal are missing.
    """
    missing = [name for name in ("jinja2", "pygal") if find_spec(name) is None]
    if missing:
        raise UsageError(f"a report needs {' and '.join(missing)}: pip install 'newsclean[report]'")
    from newsclean.report.compare import compare_page
    from newsclean.report.run import run_page

    with open_stream(output, force) as out:
        page = run_page(folder) if newer is None else compare_page(folder, newer)
        out.write(page.encode())
