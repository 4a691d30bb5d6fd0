"""Tables of other libraries: the same kind comes back, with the same rows, and types that do not depend on what was found."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from newsclean import Document, FieldNames, clean, clean_batch
from newsclean.cleaning.types import added_types

STORY = "The council voted on Monday to close the old fish market by the end of the year, and traders were not asked."
TEXTS = [f"Old market to close\nPublished: 4 March 2024\n{STORY}\nTags: harbour, trade", STORY, None, "", STORY + "\n"]
IDS = [3, 1, 4, 1, 5]
CLEANED = [clean(text).text if text is not None else None for text in TEXTS]
FLAT = {"id": IDS, "text": TEXTS, "lang": ["en"] * 5}
assert CLEANED[0] != TEXTS[0]


def test_documents_are_still_documents() -> None:
    assert clean_batch([Document(TEXTS[0] or "")])[0].text == CLEANED[0]
    assert len(clean_batch([])) == 0


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_arrow(kind: Any) -> None:
    table = pa.table({**FLAT, "text": pa.array(TEXTS).cast(kind), "when": pa.array([0] * 5, pa.timestamp("ms"))})
    made = clean_batch(table)
    assert made["text"].to_pylist() == CLEANED
    assert {name: made.schema.field(name).type for name in added_types()} == added_types()
    assert made.select(["id", "lang", "when"]) == table.select(["id", "lang", "when"])
    assert clean_batch(table.to_batches()[0]) == made.combine_chunks().to_batches()[0]
    assert clean_batch(table.slice(1, 1)).schema == clean_batch(table.slice(0, 0)).schema == made.schema
    assert clean_batch(pa.chunked_array([TEXTS[:2], TEXTS[2:]])).to_pylist() == CLEANED


def test_pandas() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(FLAT, index=[9, 8, 7, 6, 5])
    made = clean_batch(frame)
    assert list(made.index) == [9, 8, 7, 6, 5] and made["id"].tolist() == IDS and made["id"].dtype == frame["id"].dtype
    assert made["text"].dtype == frame["text"].dtype
    assert [None if pd.isna(text) else text for text in made["text"]] == CLEANED
    assert made["fields"][9]["tags"] == ["harbour", "trade"] and made["removals"][9][0]["class"] == "date"
    assert clean_batch(frame["text"]).equals(made["text"])
    assert "removals" not in frame, "the table that was given stays as it is"


def test_pandas_categories_and_empty_frames() -> None:
    pd = pytest.importorskip("pandas")
    made = clean_batch(pd.DataFrame({"text": pd.Categorical([TEXTS[0], STORY])}))
    assert made["text"].tolist() == [CLEANED[0], STORY], "a cleaned text is none of the categories"
    assert clean_batch(pd.DataFrame({"text": pd.Series([], dtype=object)})).columns.tolist() == ["text", *added_types()]


def test_polars() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(FLAT)
    made = clean_batch(frame)
    assert made["text"].to_list() == CLEANED and made["id"].to_list() == IDS
    assert made["removals"].dtype == clean_batch(frame[1:2])["removals"].dtype
    assert frame.select(pl.col("text").map_batches(clean_batch, return_dtype=pl.String))["text"].to_list() == CLEANED


def test_plain_mappings() -> None:
    made = clean_batch({"body": TEXTS[:1], "rank": [7]}, fields=FieldNames(text="body"))
    assert made["body"] == CLEANED[:1] and made["rank"] == [7] and made["fields"][0]["published"] == "2024-03-04"
    assert clean_batch({"text": TEXTS[0], "rank": 7})["text"] == CLEANED[0]


def test_datasets() -> None:
    datasets = pytest.importorskip("datasets")
    stories = [{"id": n, "text": TEXTS[n == 6] if n > 5 else STORY, "kind": n % 2} for n in range(8)]
    features = datasets.Features(id=datasets.Value("int32"), text=datasets.Value("string"), kind=datasets.ClassLabel(names=["a", "b"]))
    given = datasets.Dataset.from_list(stories, features=features)
    made = given.map(clean_batch, batched=True, batch_size=2, writer_batch_size=2)
    assert made["text"] == [clean(story["text"]).text for story in stories]
    assert {name: made.features[name] for name in features} == features
    assert made[7]["fields"]["tags"] == ["harbour", "trade"] and made[0]["removals"] == []
    assert given.map(clean_batch)[:] == made[:], "one by one"
    assert given.map(clean_batch, batched=True, batch_size=2, num_proc=2)[:] == made[:], "in processes"
    streamed = list(given.to_iterable_dataset().map(clean_batch, batched=True))
    assert [row["text"] for row in streamed] == made["text"]
    assert pickle.loads(pickle.dumps(clean_batch)) is clean_batch
    hashed = [datasets.fingerprint.Hasher.hash(partial(clean_batch, shape=False)) for _ in range(2)]
    assert hashed[0] == hashed[1], "a second call finds what the first has cached"


def test_what_cannot_be_done_is_told() -> None:
    with pytest.raises(ValueError, match="no column 'text' among body"):
        clean_batch({"body": ["x"]})
    with pytest.raises(ValueError, match="rows of a table"):
        clean_batch({"text": ["x"]}, appended="split")
