"""Texts that go from JSON lines into a column without becoming a str: the same as those that do."""

from __future__ import annotations

import json

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean.formats import FieldNames, parse, parse_apart
from newsclean.formats import apart as module
from newsclean.formats.records import Block
from newsclean.text import TextColumn

FIELDS = FieldNames()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def told(block: Block, fields: FieldNames = FIELDS, every: int = 1) -> tuple[list[object], list[dict[str, object]], list[str]]:
    """What is known of a block whose texts are read apart, put together again."""
    batch, texts = parse_apart(block, fields, every)
    name = fields.names("text")[0]
    column = [texts.encoded(i) for i in range(len(texts))]
    known = [(document.id, document.url, document.title, document.language) for document in batch.documents]
    records = [{**record, name: text.decode("utf-8", "surrogatepass")} for record, text in zip(batch.records, column, strict=True)]
    return known, records, [str(refused) for refused in batch.rejected]


def expected(block: Block, fields: FieldNames = FIELDS, every: int = 1) -> tuple[list[object], list[dict[str, object]], list[str]]:
    batch = parse(block, fields, every)
    known = [(document.id, document.url, document.title, document.language) for document in batch.documents]
    return known, batch.records, [str(refused) for refused in batch.rejected]


def same(block: Block, **how: object) -> None:
    # NaN is not equal to itself, but is written alike.
    assert json.dumps(told(block, **how)) == json.dumps(expected(block, **how))


@given(st.lists(st.tuples(st.dictionaries(st.sampled_from(["text", "id", "title", "n"]) | st.text(), VALUES), st.booleans())), st.integers(1, 3))
def test_any_records_read_as_they_do_otherwise(records, every):
    lines = [json.dumps(record, ensure_ascii=ascii_only) for record, ascii_only in records]
    same(Block("news.jsonl", lines="\n".join(lines).encode("utf-8", "surrogatepass")), every=every)


@given(st.text(), st.booleans())
def test_any_text_comes_the_short_way(text, ascii_only):
    """But for half a surrogate pair, which is no UTF-8."""
    line = json.dumps({"id": "a", "text": text}, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    quotes, column = module._cut_texts(line, [(1, 0, len(line))], "text")
    short = bool(quotes[0, 0] >= 0)
    assert short is not any("\ud800" <= character <= "\udfff" for character in text)
    assert not short or column[0] == text


PIECES = (
    b'{"text":', b'"text"', b'"', b"\\", b"\\u0041", b"\\ud83d", b"\\ude00", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\n", b"null", b"1e400",
    b"\xd8\xa7", b"\xf0\x9f\x98\x80", b"\xe2\x80", b"\xed\xa0\x80", b"\xc0\x80", b"\xff", b"\0", b"\t", b"\r", b'"id":"a"', b"NaN",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=4)).map(b"".join))
def test_any_bytes_are_read_or_refused_as_they_are_otherwise(raw):
    same(Block("news.jsonl", lines=raw or b"\n"))


@pytest.mark.parametrize(
    "line",
    [
        b'{"text": "one", "text": "two"}',  # the last one counts
        b'{"text": "one", "te\\u0078t": "two"}',
        b'{"more": {"text": "inner"}, "text": "outer"}',
        b'{"more": ["text", "inner"], "text": "outer"}',
        b'{"title": "text", "text": "a"}',
        b'{"title": "\\"text\\": \\"no\\"", "text": "a"}',
        b'{"text": null}',
        b'{"text": 12}',
        b'{"text": "a"',
        b'{"text": "a"} {"text": "b"}',
        b'{"text": "a" "b"}',
        b'[{"text": "a"}]',
        b'"text"',
        b'{"text": "a\tb"}',  # a control character as it is
        b'{"text": "cut \\ud83d in two"}',
        b'{"text": "\\ud83d\\ude00 \\u0000 \\/ \\b"}',
        b'{"text": "\xff"}',
        b'{"text": "\xe2\x80"}',
        b'{"text": "a", "n": NaN}',
        b'{"text": "a", "n": 123456789012345678901234567890}',
        b'{"id": 0, "text": ""}',
        b"  \r\n\t\n\x0b\n",
    ],
)
def test_a_line_is_read_or_refused_as_it_is_otherwise(line):
    same(Block("news.jsonl", line=7, lines=b'{"text": "before"}\n' + line + b'\n\n{"text": "behind"}'))


def test_a_text_under_another_name():
    same(Block("news.jsonl", lines='{"text": "no", "متن": "yes"}'.encode()), fields=FieldNames(text="متن"))


def test_a_name_that_is_no_unicode_is_no_field_rather_than_an_error():
    same(Block("news.jsonl", lines=b'{"text": "a"}'), fields=FieldNames(text="te\udce9xt"))


def test_texts_of_more_lines_than_are_read_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_LINES", 3)
    batch, texts = parse_apart(Block("news.jsonl", lines=orjson.dumps({"text": "a\nb"}) + b"\n" + orjson.dumps({"text": "abcd"})), FIELDS)
    assert not batch.rejected, "the limit of `records` is what counts"
    assert [texts[i] for i in range(len(texts))] == ["a\nb", "abcd"]


def test_texts_in_place_of_others_in_a_column():
    column = TextColumn.from_texts(["a", "bé", "", "d"])
    made = column.replaced({1: b"", 2: "ف".encode()})
    assert [made[i] for i in range(4)] == ["a", "", "ف", "d"]
    assert column.replaced({}) is column


def test_records_that_are_no_lines():
    block = Block("news.parquet", records=(("news.parquet", 1, {"text": "a", "id": 1}), ("news.parquet", 2, {"id": 2})))
    batch, texts = parse_apart(block, FIELDS)
    assert isinstance(texts, TextColumn)
    assert ([texts[0]], len(batch.rejected)) == (["a"], 1)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.binary()])
@pytest.mark.parametrize("texts", [["a", "", "ف"], ["a", None, "b"], []])
def test_rows_of_a_table(kind, texts):
    rows = pa.RecordBatch.from_pydict({"id": pa.array(range(len(texts))), "text": pa.array(texts).cast(pa.string()).cast(kind), "n": texts})
    same(Block("news.parquet", rows=rows))
    same(Block("news.parquet", rows=rows.slice(1)))


def test_rows_without_texts_or_with_two():
    same(Block("news.parquet", rows=pa.RecordBatch.from_pydict({"id": [1, 2]})))
    twice = pa.RecordBatch.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    same(Block("news.parquet", rows=twice))
