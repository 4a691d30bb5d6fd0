"""Clean what is in memory as columns: tables of pyarrow, pandas and Polars, batches of Hugging Face's datasets.

Owns: `newsclean.clean_batch`, which kinds of table there are and how each is taken apart and put together again. Must not know:
how anything is cleaned, files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, overload

from newsclean import cleaning
from newsclean.cleaning import CleanedBatch
from newsclean.cleaning.types import added_types
from newsclean.formats import Block, FieldNames, parse_apart
from newsclean.profile import Profile
from newsclean.rules.model import RuleBook
from newsclean.text import Document

Table = TypeVar("Table")


@overload
def clean_batch(batch: Sequence[Document], rules: RuleBook | None = ..., *, appended: str = ..., shape: bool = ...,
                profile: Profile | None = ..., fields: FieldNames | None = ...) -> CleanedBatch: ...  # fmt: skip
@overload
def clean_batch(batch: Table, rules: RuleBook | None = ..., *, appended: str = ..., shape: bool = ...,
                profile: Profile | None = ..., fields: FieldNames | None = ...) -> Table: ...  # fmt: skip
def clean_batch(
    batch: Any,
    rules: RuleBook | None = None,
    *,
    appended: str = "drop",
    shape: bool = True,
    profile: Profile | None = None,
    fields: FieldNames | None = None,
) -> Any:
    """Clean many documents at once; the same result for each as `clean` gives, whose other arguments these are.

    batch: a sequence of Documents, which gives a CleanedBatch. Or a table, which gives one of its kind with the same rows: `text`
    cleaned and the columns `removals`, `fields` and `flags` added (their types are those of `cleaning.types`); a pyarrow Table or
    RecordBatch, a pandas or Polars DataFrame, a mapping of columns or of one record, so that `Dataset.map(clean_batch,
    batched=True)` does what it says. Or one column of texts, which gives the column of cleaned texts. fields: how the columns are
    named. A text that is null stays null.

    Raises ValueError for a table without a column of texts, and for `appended="split"` with a table, whose rows it would change.

    >>> table = {"id": ["a", "b"], "text": ["The harbour was closed.\\nTags: sea, storm", "All ferries stayed in port."]}
    >>> clean_batch(table)["text"]
    ['The harbour was closed.', 'All ferries stayed in port.']
    """
    if isinstance(batch, Sequence) and not isinstance(batch, str) and all(isinstance(item, Document) for item in batch):
        return cleaning.clean_batch(batch, rules, appended=appended, shape=shape, profile=profile)
    if appended == "split":
        raise ValueError('appended="split" would change the rows of a table; clean Documents, or split with `newsclean run`')
    names = fields or FieldNames()

    def made(columns: Mapping[str, Any]) -> dict[str, Any]:
        return _clean_columns(columns, names, partial(cleaning.clean_column, rules=rules, shape=shape, profile=profile))

    text = names.names("text")[0]
    if _is_column(batch):
        return _like_column(batch, made({text: _arrow(batch)})[text])
    batch = getattr(batch, "pa_table", batch)  # what datasets hands to `map`; as a table its columns keep their types
    known = batch.schema.names if _library(batch) == "pyarrow" else list(getattr(batch, "columns", batch))
    if text not in known:
        raise ValueError(f"no column {text!r} among {', '.join(map(str, known))}; name it with fields=FieldNames(text=...)")
    single = isinstance(batch, Mapping) and isinstance(batch[text], str)
    wanted = {name for role in FieldNames.__slots__ for name in names.names(role)}.intersection(known)
    columns = {name: _arrow([batch[name]] if single else batch[name]) for name in wanted}
    return _like_table(batch, made(columns), single)


def _clean_columns(columns: Mapping[str, Any], names: FieldNames, clean: Any) -> dict[str, Any]:
    """The cleaned texts, in the type they came in, and what is added, as pyarrow arrays."""
    import pyarrow as pa

    name = names.names("text")[0]
    given = columns[name]
    texts = given.cast(pa.large_string())
    rows = pa.RecordBatch.from_pydict({**columns, name: texts.fill_null("")})
    read, column = parse_apart(Block("", rows=rows), names)
    done = clean(column, read.documents)
    told = {
        "removals": [done.removal_records(i) for i in range(len(done))],
        "fields": [done.fields(i) for i in range(len(done))],
        "flags": [list(done.flags(i)) for i in range(len(done))],
    }
    valid = texts.is_valid().to_pylist()
    cleaned = pa.array([done.texts[i] if valid[i] else None for i in range(len(done))], pa.large_string())
    kind = given.type.value_type if pa.types.is_dictionary(given.type) else given.type
    kind = pa.large_string() if pa.types.is_null(kind) else kind
    return {name: cleaned.cast(kind), **{added: pa.array(told[added], kind) for added, kind in added_types().items()}}


def _library(batch: Any) -> str:
    return type(batch).__module__.partition(".")[0]


def _is_column(batch: Any) -> bool:
    return type(batch).__name__ in ("Series", "ChunkedArray") or type(batch).__name__.endswith("StringArray")


def _arrow(column: Any) -> Any:
    """A column of any library, as one pyarrow array."""
    import pyarrow as pa

    if _library(column) == "polars":
        column = column.to_arrow()
    elif _library(column) != "pyarrow":
        column = pa.array(column, from_pandas=_library(column) == "pandas")
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _like_column(column: Any, made: Any) -> Any:
    """An array as a column of the same library."""
    if _library(column) == "pandas":
        # A cleaned text is none of the categories.
        kind = column.dtype.categories.dtype if column.dtype.name == "category" else column.dtype
        return type(column)(made.to_pylist(), index=column.index, name=column.name, dtype=kind)
    if _library(column) == "polars":
        return type(column)(column.name, made)
    return made


def _like_table(batch: Any, made: dict[str, Any], single: bool) -> Any:
    """The table with these columns, replaced or added."""
    library = _library(batch)
    if library == "pandas":
        text, *added = made
        told = {name: made[name].to_pylist() for name in added}
        return batch.assign(**{text: _like_column(batch[text], made[text]), **told})
    if library == "polars":
        import polars as pl

        return batch.with_columns(**{name: pl.from_arrow(array) for name, array in made.items()})
    if library == "pyarrow":
        for name, array in made.items():
            at = batch.schema.get_field_index(name)
            batch = batch.append_column(name, array) if at < 0 else batch.set_column(at, name, array)
        return batch
    return {**batch, **{name: array[0].as_py() if single else array.to_pylist() for name, array in made.items()}}
