"""Whatever bytes come, no reader, fold or cleaning raises anything but our own errors, and what was cleaned can be restored.

A few seconds here; `pytest tests/test_fuzz.py --hypothesis-profile fuzz` goes on for some ten minutes.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from newsclean import RuleError, clean, fold, load_rules
from newsclean.formats import FieldNames, find_sources, parse, read_blocks

TEXT = "The council voted on Monday.\nTags: سوق, 魚市場\n"
RECORDS = [{"id": n, "text": TEXT * n, "url": "https://paper.example/"} for n in range(4)]
JSONL = b'{"id": 1, "text": "The council voted on Monday.\\nTags: a, b", "date": "2024-05-01"}\n' * 3


def stored(write, rows: pa.Table) -> bytes:  # type: ignore[no-untyped-def]
    sink = io.BytesIO()
    write(rows, sink)
    return sink.getvalue()


def write_arrow(rows: pa.Table, sink: io.BytesIO) -> None:
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)


TABLE = pa.Table.from_pylist(RECORDS)
WHOLE = {
    "n.jsonl": JSONL, "n.jsonl.gz": gzip.compress(JSONL), "n.jsonl.zst": zstandard.compress(JSONL), "n.jsonl.bz2": bz2.compress(JSONL),
    "n.jsonl.xz": lzma.compress(JSONL), "n.csv": b'id,text\n1,"a ""b""\nc"\n2,d\n', "n.tsv": b"id\ttext\n1\ta\n", "n.txt": TEXT.encode(),
    "n.parquet": stored(pq.write_table, TABLE), "n.arrow": stored(write_arrow, TABLE),
}  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The file with some bytes replaced, removed or added, or cut off."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.integers(0, 30))] = draw(st.binary(max_size=30))
    return bytes(content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content)


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
def test_readers(name: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data.draw(damaged(WHOLE[name])))
        for block in read_blocks(find_sources([path]), FieldNames()):
            for document in parse(block, FieldNames()).documents:
                document.text.encode()


LINES = st.lists(
    st.one_of(
        st.sampled_from(["Tags: a, b", "إقرأ أيضاً:", "Published: 4 March 2024", "به گزارش خبرگزاری", "(Reuters) -", "Share", "", "\u202e\u200c", "Ø§Ù„"]),
        st.text(st.characters(exclude_categories=()), max_size=80),
    ),
    max_size=12,
)  # fmt: skip


@given(LINES, st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_cleaning(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    result = clean(text)
    assert result.restore() == text
    fold(text)


@given(st.data())
def test_rules(data: st.DataObject) -> None:
    whole = b'[[rule]]\nid = "a"\nclass = "tags"\nwhy = "x"\nlabel = [\'Tags\']\nvalue = "short"\ndrop = [\'Tags: a\']\nkeep = [\'b\']\n'
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "lang").mkdir()
        Path(folder, "lang", "xx.toml").write_bytes(data.draw(damaged(whole)))
        try:
            load_rules([Path(folder)], packaged=False)
        except RuleError as error:
            assert error.problems
