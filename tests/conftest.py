"""Shared by the tests: rule books from a few lines of TOML, a browser."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from newsclean.rules import load_rules

# The first example of a property may compile kernels: no deadline.
settings.register_profile("newsclean", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=20_000)
settings.load_profile("newsclean")

PROOF = '\nwhy = "a test"\ndrop = ["x"]\nkeep = ["y"]\n'


@pytest.fixture(scope="session")
def make_book(tmp_path_factory):
    """make_book({"lang/xx": toml}) loads packs; a rule without proof gets a token one."""

    def make(packs):
        folder = tmp_path_factory.mktemp("rules")
        for scope, toml in packs.items():
            path = folder / f"{scope}.toml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(toml.replace("[[rule]]", "[[rule]]" + PROOF), encoding="utf-8")
        return load_rules([folder], packaged=False)

    return make


@pytest.fixture(scope="module")
def browser():
    """Chromium. Tests that ask for it are skipped without it and `pip install -e '.[browser]'`."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no browser tests: pip install -e '.[browser]'")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no browser tests: Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def accessible():
    """accessible(page) asserts that axe-core finds nothing serious."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no browser tests: pip install -e '.[browser]'")

    def check(page):
        found = axe.Axe().run(page).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert not serious, [(v["id"], v["nodes"][0]["html"]) for v in serious]

    return check


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A folder with the samples where the commands of our pages find them."""
    samples = Path(__file__).parent / "samples"
    shutil.copytree(samples, tmp_path / "tests" / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path
