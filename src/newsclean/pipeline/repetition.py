"""What sites repeat: lines counted over a whole dump, once for each story.

Owns: what of a block is counted, the table that the counts add up in, its bound on memory. Must not know: which repeated
lines go, where blocks come from.

A near-duplicate of a story seen before on its site counts for nothing, so that what updates and copies share does not look
like furniture. The table holds `_ROOM` lines at most (16 bytes each, some 400 MB while it is sorted): when it is full, the
rarest go, as in lossy counting (Manku and Motwani, "Approximate frequency counts over data streams", 2002). A line that went
and comes again starts anew: a share may come out too low, never too high.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from newsclean.cleaning import line_table
from newsclean.cleaning.assemble import blank_out
from newsclean.cleaning.repeated import tell_prose
from newsclean.cleaning.work import site_of
from newsclean.dedup.stories import Stories, story_keys
from newsclean.errors import InputError
from newsclean.formats import Block, FieldNames, parse_apart
from newsclean.lines import B0, B1, DIGITS, DOC, HASH, SIZE, WORDS, Lines
from newsclean.profile import Keys, Profile, SiteLines, line_keys, parse_profile, site_keys
from newsclean.text import TextColumn

_ROOM = 1 << 23
_PENDING = 1 << 21  # lines that wait to be counted together
_WHOLE = 4 << 20  # bytes of input, as stored
_EVERY = 4
_LETTERS = 3  # a line of fewer (page numbers, scores, bullets) tells nothing

Ints = npt.NDArray[np.int64]


class BlockLines(NamedTuple):
    """What is counted of one block of n documents."""

    hosts: list[str]
    """Of each document."""
    stories: Keys
    """[n, bands], as `dedup.stories.story_keys`."""
    keys: Keys
    """[lines], as `profile.line_keys`, each once a document."""
    documents: Ints
    """[lines], the document of each, ascending."""
    read: int
    """Bytes of input up to the end of this block."""


def count_block(block: Block, fields: FieldNames, sample: bool = False) -> BlockLines:
    """The lines of a block's documents that may be furniture, and what tells their stories apart.

    sample: of a long input the first part is counted whole, and of the rest every `_EVERY`th document.
    """
    batch, given = parse_apart(block, fields, _EVERY if sample and block.read > _WHOLE else 1)
    hosts = [site_of(document) for document in batch.documents]
    texts, lines = line_table(given)
    sites = site_keys(hosts)
    rows, keys = _countable(lines, sites)
    of = lines.table[rows, DOC]
    order = np.lexsort((keys, of))
    keys, of = keys[order], of[order]
    once = np.ones(len(keys), np.bool_)
    once[1:] = (keys[1:] != keys[:-1]) | (of[1:] != of[:-1])
    return BlockLines(hosts, story_keys(_paragraphs(texts, lines), sites), keys[once], of[once], block.read)


def _countable(lines: Lines, sites: Keys) -> tuple[Ints, Keys]:
    """The rows of lines that say something, and their keys."""
    table = lines.table
    rows = np.flatnonzero((table[:, WORDS] > 0) & (table[:, SIZE] - table[:, DIGITS] >= _LETTERS))
    return rows, line_keys(sites[table[rows, DOC]], table[rows, HASH])


def _paragraphs(texts: TextColumn, lines: Lines) -> TextColumn:
    """The texts without what is no paragraph, for menus would make all pages of a site alike; whole where there is none."""
    table = lines.table
    prose = np.empty(len(table), np.bool_)
    tell_prose(table, prose)
    some = np.zeros(len(texts), np.bool_)
    some[table[prose, DOC]] = True
    data = texts.data.copy()
    blank_out(data, table[~prose & some[table[:, DOC]]][:, [B0, B1]])
    return TextColumn(data, texts.offsets)


class LineCounts:
    """The lines of all sites seen so far, and how many stories of its site show each."""

    def __init__(self, room: int = _ROOM) -> None:
        self._room = room
        self._stories = Stories()
        self._sites: dict[str, int] = {}
        self._told = np.zeros(0, np.int64)  # stories of each site
        self._keys = np.zeros(0, np.uint64)  # sorted
        self._site = np.zeros(0, np.int32)
        self._shown = np.zeros(0, np.int32)
        self._pending: list[tuple[Keys, npt.NDArray[np.int32]]] = []

    def add(self, block: BlockLines) -> None:
        """Add a block. The counts depend on the order of blocks, not on who made them."""
        fresh = self._stories.fresh(block.stories)
        sites = np.array([self._sites.setdefault(host, len(self._sites)) for host in block.hosts], np.int32)
        told = np.zeros(len(self._sites), np.int64)
        told[: len(self._told)] = self._told
        self._told = told + np.bincount(sites[fresh], minlength=len(told))
        counted = fresh[block.documents]
        self._pending.append((block.keys[counted], sites[block.documents[counted]]))
        if sum(len(keys) for keys, _ in self._pending) > _PENDING:
            self._settle()

    def _settle(self) -> None:
        keys = np.concatenate([self._keys, *(keys for keys, _ in self._pending)])
        site = np.concatenate([self._site, *(sites for _, sites in self._pending)])
        shown = np.ones(len(keys), np.int32)
        shown[: len(self._shown)] = self._shown
        self._pending = []
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else order
        self._keys, self._site = keys[first], site[order][first]
        self._shown = np.add.reduceat(shown[order], first) if len(first) else shown
        rarest = 0
        while len(self._keys) > self._room // 2 and (rarest or len(self._keys) > self._room):
            rarest += 1
            kept = self._shown > rarest
            self._keys, self._site, self._shown = self._keys[kept], self._site[kept], self._shown[kept]

    def profile(self) -> Profile:
        """What is repeated among all that was added."""
        self._settle()
        return Profile.of(self._keys, self._shown.astype(np.int64), self._told[self._site])

    def spelled(self, lines: dict[int, str]) -> list[SiteLines]:
        """The same for people, sites by name, lines by share. lines: how each is spelled, by its key."""
        self._settle()
        found: dict[int, list[tuple[int, str]]] = {}
        for at, (key, line) in zip(
            np.searchsorted(self._keys, np.array(list(lines), np.uint64)), lines.items(), strict=True
        ):
            assert self._keys[at] == key
            found.setdefault(int(self._site[at]), []).append((int(self._shown[at]), line))
        by_rank = {site: tuple(sorted(rows, key=lambda row: (-row[0], row[1]))) for site, rows in found.items()}
        named = sorted((host, number) for host, number in self._sites.items() if number in by_rank)
        return [SiteLines(host, int(self._told[number]), by_rank[number]) for host, number in named]


def spell_block(block: Block, fields: FieldNames, profile: Profile) -> tuple[dict[int, str], int]:
    """The lines of a block that are in the profile, by key, as they are spelled where they come first; and what was read."""
    batch, given = parse_apart(block, fields)
    texts, lines = line_table(given)
    rows, keys = _countable(lines, site_keys([site_of(document) for document in batch.documents]))
    known = profile.share_of(keys) > 0
    found: dict[int, str] = {}
    for key, row in zip(keys[known].tolist(), rows[known].tolist(), strict=True):
        if key not in found:
            found[key] = texts.data[lines.table[row, B0] : lines.table[row, B1]].tobytes().decode()
    return found, block.read


def profile_of(sites: Sequence[SiteLines]) -> Profile:
    """The profile that a list of lines stands for."""
    _, table = line_table(TextColumn.from_texts(line for site in sites for _, line in site.lines))
    hashes = table.table[:, HASH]
    keys = line_keys(np.repeat(site_keys([site.site for site in sites]), [len(site.lines) for site in sites]), hashes)
    shown = np.array([shown for site in sites for shown, _ in site.lines], np.int64)
    stories = np.array([site.stories for site in sites for _ in site.lines], np.int64)
    return Profile.of(keys, shown, stories)


def load_profile(path: str | Path) -> Profile:
    """Read a profile that `newsclean profile` wrote. Raises InputError for a file that is none."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a profile: not UTF-8"
        raise InputError(why, file=path) from None
    return profile_of(parse_profile(text, str(path)))
