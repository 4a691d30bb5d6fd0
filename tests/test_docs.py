"""The pages of documentation are true: every command runs, every example of Python holds, every link leads somewhere."""

import re
import runpy

import pytest

from newsclean.rules.model import ACTIONS, CLASSES, FOLLOWS, MATCHERS
from pages import ROOT, run_page

DOCS = ROOT / "src" / "newsclean" / "docs"
PAGES = [ROOT / "README.md", ROOT / "rules" / "README.md", *sorted(DOCS.glob("*.md"))]


@pytest.mark.parametrize("path", PAGES[1:], ids=lambda path: path.stem)
def test_a_page_runs(path, clone):
    run_page(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert link.startswith("https://") or (path.parent / link).exists(), link
    for page, part in re.findall(r"\]\(([^)#]*)#([^)]*)\)", text):
        target = (path.parent / page).read_text(encoding="utf-8") if page else text
        headings = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in re.findall(r"^#+ (.*)$", target, re.MULTILINE)}
        assert part in headings, part


def test_the_rules_page_tells_every_word_of_the_format():
    page = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
    for word in (*ACTIONS, *FOLLOWS, *MATCHERS):
        assert re.search(rf"`\"?{word}\"?`", page), word
    assert " ".join(CLASSES) in " ".join(page.split())


def test_the_figures_are_those_that_were_measured():
    for path, text in runpy.run_path(str(ROOT / "benchmarks" / "render.py"))["pages"]().items():
        assert path.read_text(encoding="utf-8") == text, "run python benchmarks/render.py"


def test_the_s_curve_is_that_of_the_settings():
    drawn = runpy.run_path(str(ROOT / "benchmarks" / "s_curve.py"))
    assert drawn["PICTURE"].read_text(encoding="utf-8") == drawn["picture"](), "run python benchmarks/s_curve.py"
