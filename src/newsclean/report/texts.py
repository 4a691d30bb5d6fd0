"""The texts that a run was given, read again for the documents a report shows.

Owns: whether the inputs named in run.json are still what they were, and how a text is told to be the one that was cleaned. Must
not know: pages, what is shown of a text. A run keeps no copy of what it was given: an archive would be stored twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from newsclean.errors import InputError
from newsclean.formats import STDIN, FieldNames, Source, find_sources, is_remote, parse, read_blocks
from newsclean.text import Document


@dataclass(frozen=True, slots=True)
class Originals:
    """Documents as they were given, by id; `missing` says why there are none."""

    documents: dict[str, Document] = field(default_factory=dict)
    missing: str = ""

    def text(self, name: str, removals: Sequence[dict[str, Any]]) -> str | None:
        """The text of a document, if it is the one that these removals (records of a run) refer to."""
        document = self.documents.get(name)
        if document is None or any(document.text[r["start"] : r["end"]] != r["text"] for r in removals):
            return None
        return document.text


def read_originals(summary: dict[str, Any], wanted: Collection[str]) -> Originals:
    """The documents with these ids, from the inputs of a run. summary: run.json."""
    try:
        sources = [_source(entry) for entry in summary["inputs"]]
    except InputError as error:
        return Originals(missing=f"{error.file}: {error.why}")
    fields, found = FieldNames(**summary["settings"]["fields"]), dict[str, Document]()
    if not wanted:
        return Originals()
    for block in read_blocks(sources, fields):
        for document in parse(block, fields).documents:
            if document.id in wanted and document.id not in found:
                found[document.id] = document
        if len(found) == len(wanted):
            break
    return Originals(found)


def _source(entry: dict[str, Any]) -> Source:
    """An input of a run; InputError unless its size and its time are as they were."""
    path = Path(entry["file"])
    if entry["file"] == STDIN:
        raise InputError("standard input cannot be read a second time", file="stdin")
    if not is_remote(entry["file"]) and not path.is_file():
        raise InputError("not found: the input is no longer there, or not below this folder", file=path)
    (source,) = find_sources([entry["file"]])
    if (source.size, source.modified) != (entry["bytes"], entry["modified"]):
        raise InputError("the input has changed since the run", file=path)
    return replace(source, name=entry["name"], partition=tuple(entry["partition"].items()))
