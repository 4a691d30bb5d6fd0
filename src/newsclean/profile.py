"""What sites print again and again: the lines of a profile, and how sure their share of a site's stories is.

Owns: the profile as cleaning looks lines up in it, and as the text that people read and edit. Must not know: how lines were
counted, which of them go.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tomli

from newsclean.errors import InputError

LEAST = 5  # stories that must show a line before it means anything,
SHARE = 0.02  # and the share of the site's stories that it must have, for sure
_SURE = 1.96  # standard deviations: 95 %

Keys = npt.NDArray[np.uint64]


class SiteLines(NamedTuple):
    """The repeated lines of one site: of how many stories they were counted, and each line with the stories that show it."""

    site: str  # "" for documents that do not tell theirs
    stories: int
    lines: tuple[tuple[int, str], ...]


def sure_share(shown: npt.NDArray[Any], stories: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The share of all stories that a line has at the least, given that so many of so many seen showed it.

    The lower bound of Wilson's score interval (1927): the smaller the sample, the less it proves.

    >>> sure_share(np.array([3, 5, 50, 2500]), np.array([3, 10, 100, 5000])).round(2).tolist()
    [0.44, 0.24, 0.4, 0.49]
    """
    n, z2 = np.maximum(stories, 1).astype(np.float64), _SURE**2
    p = shown / n
    spread = _SURE * np.sqrt(np.maximum(p * (1 - p), 0) / n + z2 / (4 * n * n))
    return np.asarray((p + z2 / (2 * n) - spread) / (1 + z2 / n))


@functools.lru_cache(maxsize=1 << 16)
def site_key(host: str) -> int:
    """64 bits that stand for a site; `www.` makes no difference."""
    return int.from_bytes(hashlib.blake2b(host.removeprefix("www.").encode(), digest_size=8).digest(), "little")


def line_keys(sites: Keys, hashes: npt.NDArray[np.int64]) -> Keys:
    """The key of each line on its site. hashes: column HASH of the line table."""
    keys = (hashes.view(np.uint64) ^ sites) * np.uint64(0x9E3779B97F4A7C15)
    return keys ^ (keys >> np.uint64(29))


@dataclass(frozen=True, eq=False)
class Profile:
    """The repeated lines of any number of sites, to look lines up in."""

    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    """[n], sorted: `line_keys`."""
    shares: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """[n], the `sure_share` of each."""

    @classmethod
    def of(cls, keys: Keys, shown: npt.NDArray[np.int64], stories: npt.NDArray[np.int64]) -> Profile:
        """What is worth keeping of counted lines; all arguments [n]."""
        shares = sure_share(shown, stories)
        kept = np.flatnonzero((shown >= LEAST) & (shares >= SHARE))
        kept = kept[np.argsort(keys[kept])]
        return cls(keys[kept], shares[kept])

    def __len__(self) -> int:
        return len(self.keys)

    @functools.cached_property
    def fingerprint(self) -> str:
        return hashlib.blake2b(self.keys.tobytes() + self.shares.tobytes(), digest_size=16).hexdigest()

    def share_of(self, keys: Keys) -> npt.NDArray[np.float64]:
        """[n], the share of each line; 0 for those that are not in the profile."""
        if not len(self):
            return np.zeros(len(keys))
        at = np.minimum(np.searchsorted(self.keys, keys), len(self) - 1)
        return np.where(self.keys[at] == keys, self.shares[at], 0.0)


_HEAD = """\
# newsclean profile: lines that a site prints in story after story, and in how many of those that were counted.
# `newsclean clean` and `newsclean run` remove them with --profile and the name of this file, those of small share only above
# or below a story. Strike out a line here, and it stays in the texts.
"""


def write_profile(sites: Iterable[SiteLines]) -> str:
    """A profile as TOML; `parse_profile` is the way back."""
    out = [_HEAD]
    for site, stories, lines in sites:
        out.append(f"\n[[site]]\nhost = {_quoted(site)}\nstories = {stories}\nlines = [\n")
        out += [f"  [{shown}, {_quoted(line)}],\n" for shown, line in lines]
        out.append("]\n")
    return "".join(out)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def parse_profile(text: str, file: str) -> list[SiteLines]:
    """The sites of a profile that `write_profile` wrote and people may have edited. Raises InputError for what it is not."""
    try:
        record = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise InputError(f"not a profile that can be read: {error}", file=file) from None
    if set(record) - {"site"} or not isinstance(record.get("site", []), list):
        raise InputError("not a profile: one has [[site]] entries only; make one with `newsclean profile`", file=file)
    return [_site(entry, file) for entry in record.get("site", [])]


def _site(entry: Any, file: str) -> SiteLines:
    host = entry.get("host") if isinstance(entry, dict) else None
    if not isinstance(host, str):
        raise InputError('a [[site]] without its `host`; "" stands for documents without a site', file=file)
    stories, lines = entry.get("stories"), entry.get("lines", [])
    if not _counts(stories):
        raise InputError(f"site '{host}': `stories` is the number of stories that were counted", file=file)
    for line in lines if isinstance(lines, list) else [None]:
        if not (isinstance(line, list) and len(line) == 2 and _counts(line[0]) and isinstance(line[1], str)):
            raise InputError(f"site '{host}': `lines` lists [stories, 'line'], not {line!r}", file=file)
        if "\n" in line[1]:
            raise InputError(f"site '{host}': several lines in one: {line[1]!r}", file=file)
        if line[0] > stories:
            raise InputError(f"site '{host}': a line in more stories than were counted: {line[1]!r}", file=file)
    return SiteLines(host, stories, tuple((shown, line) for shown, line in lines))


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def site_keys(hosts: Sequence[str]) -> Keys:
    return np.array([site_key(host) for host in hosts], np.uint64)
