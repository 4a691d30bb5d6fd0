"""The layers of DESIGN: an import points down, or sideways inside its own package."""

import ast
from pathlib import Path

import pytest

import newsclean

ROOT = Path(newsclean.__file__).parent
# From the top down. A module may import from lower layers and from its own package.
LAYERS = [
    {"__main__"},
    {"cli"},
    {"editor"},
    {"engines", "samples", "suggest", "report"},
    {"pipeline", "index", "columns"},
    {"formats", "dedup", "cleaning"},
    {"shape", "profile"},
    {"rules", "fields"},
    {"kernels"},
    {"lines", "marked"},
    {"fold"},
    {"text"},
    {"errors"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# rules.check cleans documents, like any user of the library, and times patterns as cleaning runs them.
ALLOWED = {("rules", "cleaning")}


MODULES = [path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"]


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [
                f"{node.module}.{alias.name}" if node.module == "newsclean" else node.module for alias in node.names
            ]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("newsclean."):
                yield name.split(".")[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_down(path):
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert own in LEVEL, f"{own} has no layer: add it to LAYERS where it belongs"
    for other in _imports(path):
        if other != own and (own, other) not in ALLOWED and other in LEVEL:
            assert LEVEL[own] < LEVEL[other], f"{path.relative_to(ROOT)} imports {other}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_owns(path):
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert told, "a module opens with what it owns and what it must not know"


def test_only_the_engine_for_spark_knows_spark():
    knows = {"__init__", "files", "frames", "plan", "session"}
    for path in MODULES:
        if path.parent != ROOT / "engines" / "spark" or path.stem not in knows:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
                names.append(getattr(node, "module", None) or "")
                assert not any(name.split(".")[0] in ("pyspark", "py4j") for name in names), path
