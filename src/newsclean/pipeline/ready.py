"""Importing this module loads what a worker needs, compiled code included.

Owns: what the fork server does once, so that no worker has to. Must not know: what the workers will be asked to do.
"""

import gc
import sys

# numba looks for SciPy's linear algebra, which none of our loops uses, and its import is an eighth of a worker's start. Looking
# for garbage after every 700 objects is another; workers have blocks of a thousand records at once, and no cycles.
sys.modules["scipy"] = None  # type: ignore[assignment]
gc.set_threshold(100_000)

from newsclean.formats import Block  # noqa: E402
from newsclean.pipeline.job import Job  # noqa: E402
from newsclean.pipeline.prepare import prepare  # noqa: E402
from newsclean.rules.model import Rule, RuleBook, RulePack  # noqa: E402

_RULES = (
    Rule("base", "label", "tags", "", label=("Tags:",)),
    Rule("base", "sign-off", "source", "", pattern=(r"\(HP\)",), near=("(", "HP"), action="suffix"),
    Rule("base", "date", "date", "", detect="date-line"),
    Rule("base", "ticker", "ticker", "", detect="headline-run"),
)
_TEXT = "\\n".join(["Menu"] * 9 + ["5 March 2024", f"{'A line of a story. ' * 9}(HP)", "Tags: one, two"])

prepare(Block("", lines=f'{{"text": "{_TEXT}"}}'.encode()), Job(rules=RuleBook({"base": RulePack("base", _RULES)})))
del sys.modules["scipy"]
gc.freeze()  # what is here stays: no worker has to look through it for garbage
