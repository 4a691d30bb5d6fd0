"""Sample files: raw texts beside what cleaning must make of them, for a test that anybody can run.

Owns: which files make a sample, the comparison, the page that shows it. Must not know: how texts are cleaned.

`<name>.txt` stands beside `<name>.expected.txt`, and beside `<name>.json` if the text came in a record: its site,
language and so on. `<name>.jsonl` stands beside `<name>.expected.jsonl`, record by record.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from newsclean.cleaning import CleanResult, clean_batch
from newsclean.errors import InputError, UsageError
from newsclean.formats import FieldNames, encode, find_sources, parse, read_blocks
from newsclean.rules.model import RuleBook
from newsclean.text import Document

_EXPECTED = ".expected"
_AROUND = 1  # lines shown before and after what differs


class DiffLine(NamedTuple):
    """One line of a comparison. sign: '-' expected but not there, '+' there but not expected, ' ' the same, '~' left out."""

    sign: str
    number: int  # from 1: of the expected text for '-', else of the cleaned one
    text: str
    rule: str  # that removed a '-' line, as `class rule`; ''


@dataclass(frozen=True, slots=True)
class Difference:
    """A sample that did not come out as expected."""

    name: str
    why: str = ""
    """What is wrong when there is nothing to compare."""
    lines: tuple[DiffLine, ...] = ()

    def __str__(self) -> str:
        if self.why:
            return f"{self.name}: {self.why}"
        missing, extra = (sum(line.sign == sign for line in self.lines) for sign in "-+")
        width = max(len(str(line.number)) for line in self.lines)
        return "\n".join(
            [f"{self.name}: {missing} lines missing (-), {extra} lines too many (+)", *_shown(self.lines, width)]
        )


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was compared, what differed, and which files were written."""

    samples: int
    differences: tuple[Difference, ...]
    written: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Sample:
    document: Document
    expected: str | None
    name: str


def check_samples(folder: str | Path, rules: RuleBook, *, update: bool = False) -> SampleReport:
    """Clean every sample in `folder` and the folders below, and compare.

    update: write what cleaning gives over the expected files. Raises UsageError for a folder without samples, InputError
    for one that cannot be read.
    """
    samples, differences, written = 0, list[Difference](), list[Path]()
    for raw in _raw_files(Path(folder)):
        expected = _expected_of(raw)
        read, write = (_read_text, _text_of) if raw.suffix == ".txt" else (_read_records, _records_of)
        found = read(raw, expected)
        results = list(clean_batch([sample.document for sample in found], rules))
        samples += len(found)
        wrong = [
            told for sample, result in zip(found, results, strict=True) if (told := _compare(sample, result, expected))
        ]
        stray = _without_raw(found, raw, expected)
        if update and (wrong or stray):
            expected.write_text(write(found, results), encoding="utf-8")
            written.append(expected)
        else:
            differences += wrong + stray
    if not samples:
        raise UsageError(f"{folder}: no samples here: put raw texts, NAME.txt, beside NAME.expected.txt")
    differences += [
        Difference(str(expected), f"its raw file {raw.name} is missing") for expected, raw in _orphans(Path(folder))
    ]
    return SampleReport(samples, tuple(differences), tuple(written))


def _is_expected(path: Path) -> bool:
    return path.stem.endswith(_EXPECTED)


def _expected_of(raw: Path) -> Path:
    return raw.with_name(f"{raw.stem}{_EXPECTED}{raw.suffix}")


def _raw_files(folder: Path) -> list[Path]:
    """Every raw .txt, and the .jsonl that have an expected file: a folder may hold other records."""
    texts = [path for path in folder.rglob("*.txt") if not _is_expected(path)]
    records = [path for path in folder.rglob("*.jsonl") if _expected_of(path).exists()]
    return sorted([*texts, *records])


def _orphans(folder: Path) -> Iterator[tuple[Path, Path]]:
    for suffix in (".txt", ".jsonl"):
        for expected in sorted(folder.rglob(f"*{_EXPECTED}{suffix}")):
            raw = expected.with_name(expected.stem.removesuffix(_EXPECTED) + suffix)
            if not raw.exists():
                yield expected, raw


def _read_text(raw: Path, expected: Path) -> list[_Sample]:
    (document,) = _documents(raw)
    about = raw.with_suffix(".json")
    if about.exists():
        document = replace(_document(about), text=document.text)
    told = expected.read_text(encoding="utf-8") if expected.exists() else None
    return [_Sample(document, told, str(raw))]


def _document(about: Path) -> Document:
    """The document of a .json file that says all but the text."""
    from newsclean.formats import Block

    try:
        record = json.loads(about.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"not JSON: {error}", file=about) from None
    if not isinstance(record, dict):
        raise InputError('holds no record such as {"site": "example.org"}', file=about)
    batch = parse(Block(str(about), records=((str(about), 1, {**record, "text": ""}),)), FieldNames())
    return batch.documents[0]


def _documents(path: Path) -> list[Document]:
    return [document for document, _ in _records(path)]


def _records(path: Path) -> list[tuple[Document, dict[str, Any]]]:
    found = []
    for block in read_blocks(find_sources([path]), FieldNames()):
        batch = parse(block, FieldNames())
        for refused in batch.rejected:
            raise InputError(refused.why, file=path, line=refused.line)
        found += list(zip(batch.documents, batch.records, strict=True))
    return found


def _read_records(raw: Path, expected: Path) -> list[_Sample]:
    told = {document.id: document.text for document in _documents(expected)}
    return [_Sample(document, told.get(document.id), f"{raw} {document.id}") for document in _documents(raw)]


def _without_raw(samples: Sequence[_Sample], raw: Path, expected: Path) -> list[Difference]:
    """Expected records that no raw record stands for."""
    if raw.suffix == ".txt":
        return []
    known = {sample.document.id for sample in samples}
    strays = [document.id for document in _documents(expected) if document.id not in known]
    return [Difference(f"{raw} {name}", f"its raw record is missing, and {expected.name} has one") for name in strays]


def _text_of(samples: Sequence[_Sample], results: Sequence[CleanResult]) -> str:
    return results[0].text + "\n"


def _records_of(samples: Sequence[_Sample], results: Sequence[CleanResult]) -> str:
    lines = [
        encode({"id": sample.document.id, "text": result.text}) + b"\n"
        for sample, result in zip(samples, results, strict=True)
    ]
    return b"".join(lines).decode()


def _compare(sample: _Sample, result: CleanResult, expected: Path) -> Difference | None:
    if sample.expected is None:
        return Difference(sample.name, f"nothing is expected of it in {expected.name}: write it with --update")
    want, have = sample.expected.rstrip("\n").split("\n"), result.text.split("\n")
    return None if want == have else Difference(sample.name, "", tuple(_diff(want, have, result)))


def _diff(want: list[str], have: list[str], result: CleanResult) -> Iterator[DiffLine]:
    matcher = difflib.SequenceMatcher(None, want, have, autojunk=False)
    for n, group in enumerate(matcher.get_grouped_opcodes(_AROUND)):
        if n:
            yield DiffLine("~", 0, "", "")
        for kind, w0, w1, h0, h1 in group:
            if kind == "equal":
                yield from (DiffLine(" ", h + 1, have[h], "") for h in range(h0, h1))
                continue
            yield from (DiffLine("-", w + 1, want[w], _remover(want[w], result)) for w in range(w0, w1))
            yield from (DiffLine("+", h + 1, have[h], "") for h in range(h0, h1))


def _remover(line: str, result: CleanResult) -> str:
    """What removed a line, or the larger part that is missing of it."""
    wanted = line.strip()
    for removal in result.removals:
        if wanted and (wanted in removal.text or (len(removal.text.strip()) > 1 and removal.text.strip() in wanted)):
            return f"{removal.cls} {removal.rule}"
    return ""


def _shown(lines: Sequence[DiffLine], width: int) -> Iterator[str]:
    for sign, number, text, rule in lines:
        if sign == "~":
            yield f"  {'':{width}} ⋮"
            continue
        yield f"{sign} {number:{width}} │ {text}".rstrip()
        if rule:
            yield f"  {'':{width}} └ removed by {rule}"
