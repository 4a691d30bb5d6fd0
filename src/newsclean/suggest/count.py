"""What a dump repeats: heads of lines before a colon, whole lines, sign-offs, counted by stories.

Owns: what counts as a candidate, where it stands, the sketch that keeps counting in bounds. Must not know: files, what
a rule looks like.

A dump is read twice. The first look counts every candidate roughly, in a count-min sketch (Cormode and Muthukrishnan, "An
improved data stream summary", 2005), which never counts too low; the second counts exactly those that may be frequent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import regex

from newsclean.fold import fold

_FEWEST = 5  # stories that must show a candidate,
_SHARE = 5000  # and one in so many of all stories: what is rarer is no rule of a large dump
_CELLS = 1 << 22
_EDGE = 6  # lines that are head and tail in any case, as cleaning has it
_LONGEST_LINE, _LONGEST_HEAD, _LONGEST_SIGN_OFF = 300, 40, 40
_EXAMPLES = 6
_PROSE_KEPT = 3000
_HEAD = re.compile(r"([^:：.!?؟。…]{2,40}?)\s*[:：](?!//)\s*(.*)")
_BRACKETED = re.compile(r"[(\[/«][^()\[\]/«»]{2,40}[)\]/»]\.?$")
# A Latin name must stand apart: what follows the last stop of `example.com` is no sign-off.
_AFTER_STOP = re.compile(r"[.!?؟۔।。][\"'»”’)]*(?:\s+|(?![ -~]))(?P<name>[^.!?؟۔।。:;،,]{3,40})$")
_INVISIBLE = regex.compile(r"(?V1)[\p{Cf}\p{Cc}--[\u200c\u200d\t]]")  # the joiners spell Persian and Indic words
_ENDS = (".", "!", "?", "؟", "۔", "।", "。", "…", "”", "»", '"')


class Candidate(NamedTuple):
    """Something that may be furniture, as it stands in one story."""

    kind: str  # label | line | ending
    key: str  # folded
    phrase: str  # as spelled
    value: str  # what follows a label
    line: str
    zone: str  # head | body | tail | both


@dataclass(slots=True)
class Count:
    """All that is known of one candidate, story by story."""

    kind: str
    stories: int = 0
    alone: int = 0
    sentences: int = 0  # labels before something that reads like a sentence
    zones: Counter[str] = field(default_factory=Counter)
    sites: Counter[str] = field(default_factory=Counter)
    spellings: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # line -> value

    def add(self, found: Candidate, site: str) -> None:
        self.stories += 1
        self.alone += not found.value
        self.sentences += _reads_like_prose(found.value)
        self.zones[found.zone] += 1
        self.sites[site] += 1
        self.spellings[found.phrase] += 1
        if len(self.examples) < _EXAMPLES and found.line not in self.examples:
            self.examples[found.line] = found.value


class Sketch:
    """Rough counts of the first look."""

    def __init__(self) -> None:
        self._cells = np.zeros((2, _CELLS), np.uint32)
        self.stories = 0
        self.prose: list[str] = []

    def add(self, text: str) -> None:
        self.stories += 1
        for key in {(found.kind, found.key) for found in candidates(text)}:
            self._cells[0, _cell(key, 0)] += 1
            self._cells[1, _cell(key, 1)] += 1
        if len(self.prose) < _PROSE_KEPT:
            self.prose += prose_of(text)

    @property
    def least(self) -> int:
        """Stories from which a candidate counts as frequent."""
        return max(_FEWEST, self.stories // _SHARE)

    def frequent(self, found: Candidate) -> bool:
        key = (found.kind, found.key)
        return min(self._cells[0, _cell(key, 0)], self._cells[1, _cell(key, 1)]) >= self.least


def prose_of(text: str) -> list[str]:
    """Two sentences of a text, of which `keep` examples can be made."""
    return [line for line in text.split("\n") if 80 <= len(line) <= 400 and line.endswith(_ENDS)][1:3]


def _cell(key: tuple[str, str], row: int) -> int:
    digest = blake2b("\0".join(key).encode("utf-8", "replace"), digest_size=8, salt=bytes([row])).digest()
    return int.from_bytes(digest, "little") % _CELLS


def count(counts: dict[tuple[str, str], Count], text: str, site: str, sketch: Sketch) -> None:
    """Add the frequent candidates of one story, each once."""
    once = {(found.kind, found.key): found for found in candidates(text) if sketch.frequent(found)}
    for key, found in once.items():
        counts.setdefault(key, Count(found.kind)).add(found, site)


def candidates(text: str) -> Iterator[Candidate]:
    """Everything in a text that would be furniture if it came again and again."""
    lines = [line for line in map(visible, text.split("\n")) if line]
    for line, zone in zip(lines, _zones(lines), strict=True):
        if len(line) > _LONGEST_LINE:
            continue
        if (key := fold(line)) and _says_something(key):
            yield Candidate("line", key, line, "", line, zone)
        head = _HEAD.match(line)
        if head and len(head[1].split()) <= 5 and not head[1][-1].isdigit():
            key = fold(head[1])
            if _says_something(key):
                yield Candidate("label", key, f"{head[1]}:", head[2], line, zone)
    if lines:
        yield from _sign_off(lines[-1])


def _sign_off(line: str) -> Iterator[Candidate]:
    bracketed = _BRACKETED.search(line)
    named = None if bracketed else _AFTER_STOP.search(line)
    if bracketed:
        phrase, start = bracketed[0].rstrip("."), bracketed.start()
    elif named and len(named["name"].split()) <= 4:
        phrase, start = f".{named['name'].strip()}", named.start("name")
    else:
        return
    key = fold(phrase)
    if start >= 40 and _says_something(key):
        end = start + len(phrase if bracketed else named["name"] if named else "")
        begin = line.rfind(" ", 0, max(1, start - 120)) + 1
        yield Candidate("ending", key, phrase, "", f"{line[begin:start]}⟦{line[start:end]}⟧{line[end:]}", "tail")


def _says_something(key: str) -> bool:
    letters = [char for char in key if char.isalpha()]
    return len(letters) >= (2 if letters and ord(letters[0]) > 0x2E80 else 3)


def _zones(lines: Iterable[str]) -> list[str]:
    prose = [_reads_like_prose(line) for line in lines]
    last = len(prose)
    first = prose.index(True) if any(prose) else last
    final = last - 1 - prose[::-1].index(True) if any(prose) else -1
    names = {(True, True): "both", (True, False): "head", (False, True): "tail", (False, False): "body"}
    return [names[n < max(_EDGE, first), n > min(last - 1 - _EDGE, final)] for n in range(last)]


def _reads_like_prose(line: str) -> bool:
    """What cleaning takes for a paragraph or for a value that is a sentence, roughly."""
    if len(line) >= 200:
        return True
    size = len(line) + sum(char > "\u2e80" for char in line)
    return size >= 200 or (size >= 60 and line.endswith(_ENDS))


def visible(text: str) -> str:
    """A line without outer blanks, and without characters that an author cannot see."""
    return _INVISIBLE.sub("", text).strip()
