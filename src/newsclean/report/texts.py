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
from newsclean.formats import STDIN, FieldNames, Source, find_sources, is_remote, parse, read_blocks, read_results
from newsclean.text import Document

_SPLIT = "#2"  # behind the id of a document, the id of the story split off from it


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


def read_originals(folder: Path, summary: dict[str, Any], wanted: Collection[str]) -> Originals:
    """The documents with these ids, from the inputs of the run in `folder`. summary: its run.json."""
    try:
        sources = [_source(entry) for entry in summary["inputs"]]
    except InputError as error:
        return Originals(missing=f"{error.file}: {error.why}")
    fields, found = FieldNames(**summary["settings"]["fields"]), dict[str, Document]()
    if not wanted:
        return Originals()
    split = sorted(_split_off(wanted), key=len) if summary["settings"]["appended"] == "split" else []
    wanted = {*wanted, *(name.removesuffix(_SPLIT) for name in split)}
    for block in read_blocks(sources, fields):
        for document in parse(block, fields).documents:
            if document.id in wanted and document.id not in found:
                found[document.id] = document
        if len(found) == len(wanted):
            break
    spans = _appended(folder, split) if split else {}
    for name in split:
        if name in spans and (parent := found.get(name.removesuffix(_SPLIT))):
            found.setdefault(name, Document(parent.text[slice(*spans[name])], id=name, language=parent.language))
    return Originals(found)


def _split_off(names: Collection[str]) -> set[str]:
    """The names that stories split off may have, and those they may have been split off from in turn.

    >>> sorted(_split_off(["a", "b#2#2"]))
    ['b#2', 'b#2#2']
    """
    found = {name for name in names if name.endswith(_SPLIT)}
    return found | _split_off({name.removesuffix(_SPLIT) for name in found}) if found else found


def _appended(folder: Path, split: Collection[str]) -> dict[str, tuple[int, int]]:
    """By the name of a story split off, where it stood in the document it was split off from."""
    spans: dict[str, tuple[int, int]] = {}
    for removal in read_results(folder, "removals", ["id", "start", "end", "class"]):
        if removal["class"] == "appended" and (name := f"{removal['id']}{_SPLIT}") in split:
            spans[name] = spans.get(name, (removal["start"],))[0], removal["end"]
    return spans


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
