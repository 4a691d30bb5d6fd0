"""Clean, unique stories out of dumps of extracted news text. This module is the public API and nothing else.

Names load what they need when first used (PEP 562): `import newsclean` itself costs nothing.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsclean.cleaning import CleanedBatch, CleanResult, Removal, clean
    from newsclean.columns import clean_batch
    from newsclean.dedup.explain import PairExplanation, explain_pair
    from newsclean.dedup.group import Cluster, dedup
    from newsclean.dedup.settings import DedupSettings
    from newsclean.engines.blocks import Options
    from newsclean.engines.local import dedup_files, run
    from newsclean.errors import InputError, NewscleanError, RuleError, UsageError
    from newsclean.fold import fold
    from newsclean.formats import FieldNames
    from newsclean.index.duplicates import DuplicateIndex
    from newsclean.index.verdict import Verdict
    from newsclean.pipeline.repetition import load_profile
    from newsclean.rules.load import load_rules
    from newsclean.rules.model import Rule, RuleBook, RulePack
    from newsclean.text import Document, Line, Span, repair

_HOMES = {
    "cleaning": ("CleanedBatch", "CleanResult", "Removal", "clean"),
    "columns": ("clean_batch",),
    "dedup.explain": ("PairExplanation", "explain_pair"),
    "dedup.group": ("Cluster", "dedup"),
    "dedup.settings": ("DedupSettings",),
    "engines.blocks": ("Options",),
    "engines.local": ("dedup_files", "run"),
    "errors": ("InputError", "NewscleanError", "RuleError", "UsageError"),
    "fold": ("fold",),
    "formats": ("FieldNames",),
    "index.duplicates": ("DuplicateIndex",),
    "index.verdict": ("Verdict",),
    "pipeline.repetition": ("load_profile",),
    "rules.load": ("load_rules",),
    "rules.model": ("Rule", "RuleBook", "RulePack"),
    "text": ("Document", "Line", "Span", "repair"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CleanResult", "CleanedBatch", "Cluster", "DedupSettings", "Document", "DuplicateIndex", "FieldNames", "InputError",
    "Line", "NewscleanError", "Options", "PairExplanation", "Removal", "Rule", "RuleBook", "RuleError", "RulePack", "Span",
    "UsageError", "Verdict", "clean", "clean_batch", "dedup", "dedup_files", "explain_pair", "fold", "load_profile",
    "load_rules", "repair", "run",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'newsclean' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"newsclean.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Api(ModuleType):
    """Importing the package `newsclean.dedup` would set it as an attribute here, over the function of that name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Api
