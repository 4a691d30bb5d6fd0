"""Shared by the tests: rule books from a few lines of TOML."""

import pytest
from hypothesis import HealthCheck, settings

from newsclean.rules import load_rules

# The first example of a property may compile kernels: no deadline.
settings.register_profile("newsclean", deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
