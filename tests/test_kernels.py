"""Where compiled code is kept, and the decoder that every loop shares."""

from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean import kernels
from newsclean.kernels.quote import LONGEST, quote
from newsclean.text import TextColumn


@pytest.fixture
def read_only(monkeypatch, tmp_path):
    """A machine on which neither the package nor the home folder can be written, but a temporary folder can."""
    monkeypatch.setattr(kernels.os, "access", lambda path, mode: False)
    monkeypatch.setattr(kernels.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(kernels.os, "environ", {"HOME": "/nowhere"})
    return tmp_path


def test_a_read_only_machine_gets_a_private_folder(read_only):
    kernels._ensure_cache_folder()
    folder = Path(kernels.os.environ["NUMBA_CACHE_DIR"])
    assert folder.parent == read_only
    assert folder.stat().st_mode & 0o777 == 0o700
    del kernels.os.environ["NUMBA_CACHE_DIR"]
    kernels._ensure_cache_folder()
    assert kernels.os.environ["NUMBA_CACHE_DIR"] == str(folder), "compiled once, found again"


def test_a_folder_that_others_may_write_is_not_trusted(read_only):
    first = kernels._own_temporary_folder()
    first.chmod(0o777)
    assert kernels._own_temporary_folder() != first


def test_the_users_own_choice_stands(read_only):
    kernels.os.environ["NUMBA_CACHE_DIR"] = "/chosen"
    kernels._ensure_cache_folder()
    assert kernels.os.environ["NUMBA_CACHE_DIR"] == "/chosen"


@given(st.text())
def test_decoding_is_that_of_python(text):
    data = np.frombuffer(text.encode(), np.uint8)
    i, out = 0, []
    while i < len(data):
        code_point, i = kernels.decode(data, i)
        out.append(chr(code_point))
    assert "".join(out) == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\x00\x1f\x7f'))))
def test_texts_are_quoted_as_orjson_does(texts):
    column = TextColumn.from_texts(texts)
    bounds = np.zeros_like(column.offsets)
    out = np.empty(LONGEST * len(column.data) + 2 * len(texts), np.uint8)
    quote(column.data, column.offsets, out, bounds)
    assert [TextColumn(out, bounds).encoded(i) for i in range(len(texts))] == list(map(orjson.dumps, texts))
