"""Which lines of a document go because their site repeats them.

Owns: how large a line's share must be, by where it stands and how it reads. Must not know: how lines were counted.

Furniture is told from story by its share of the site's stories, and what a story may well repeat needs more of it: the
background paragraph and the salutation of a column come again too. Around the story a small share will do; inside it, for
its first line and for anything that ends like a sentence, a larger one; and a paragraph must stand apart from the story
(below its tags, say) or be printed nearly everywhere.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from newsclean.cleaning.decide import BUDGET, FREE, is_prose
from newsclean.lines import B0, B1, DOC, ELLIPSIS, HASH, LAST, QUESTION, SIZE, STOP, WORDS, Lines
from newsclean.profile import SHARE, Keys, Profile, line_keys
from newsclean.rules.compile import CLASS_NUMBER

CLASS, RULE = "repeated", "repeated/line"
_LINE, _PROSE_APART, _PROSE = 0.1, 0.1, 0.4  # the shares needed; SHARE for a short line above or below the story
_BUDGET = BUDGET[CLASS_NUMBER[CLASS]]


@njit(nogil=True, cache=True)
def tell_prose(lines, prose):
    """Fill bool [lines] with whether each line reads like a paragraph."""
    for at in range(lines.shape[0]):
        prose[at] = is_prose(lines, at)


@njit(nogil=True, cache=True)
def _is_apart(lines, prose, removed, at, story):
    """Whether something other than paragraphs stands, or stood, between a line and the nearest line of the story."""
    step = 1 if story > at else -1
    for between in range(at + step, story, step):
        if lines[between, B0] < lines[between, B1] and (removed[between] or not prose[between]):
            return True
    return False


@njit(nogil=True, cache=True)
def _needed(lines, prose, removed, at, title, first, last):
    """The share that a line must have to go. first, last: the lines of story around; title: the first line that stands."""
    around = first <= last and (at < first or at > last)
    if prose[at]:
        apart = around and _is_apart(lines, prose, removed, at, first if at < first else last)
        return _PROSE_APART if apart else _PROSE
    end = lines[at, LAST]
    sentence = end == STOP or end == QUESTION or end == ELLIPSIS
    return SHARE if around and at != title and not sentence else _LINE


@njit(nogil=True, cache=True)
def _find(lines, starts, shares, prose, removed, gone, held):
    for d in range(starts.shape[0] - 1):
        title, first, last, total = -1, starts[d + 1], -1, 0
        for at in range(starts[d], starts[d + 1]):
            if lines[at, B0] == lines[at, B1]:
                continue
            total += lines[at, SIZE]
            if removed[at]:
                continue
            title = at if title < 0 else title
            if prose[at] and shares[at] < _PROSE_APART:
                first, last = min(first, at), at
        taken, words = 0, 0
        for at in range(starts[d], starts[d + 1]):
            if removed[at] or lines[at, B0] == lines[at, B1]:
                continue
            if shares[at] >= SHARE and shares[at] >= _needed(lines, prose, removed, at, title, first, last):
                gone[at] = True
                taken += lines[at, SIZE]
            else:
                words += lines[at, WORDS]
        if taken and (words == 0 or (taken > FREE and taken > _BUDGET * total)):
            gone[starts[d] : starts[d + 1]] = False
            held[d] = True


def find_repeated(
    profile: Profile, sites: Keys, lines: Lines, removed: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """bool [lines], which lines go; bool [documents], where too much would have gone, so that none does.

    sites: uint64 [documents], as `profile.site_keys`. removed: bool [lines], what rules and shape took before.
    """
    table = lines.table
    shares = profile.share_of(line_keys(sites[table[:, DOC]], table[:, HASH]))
    gone, held = np.zeros(len(table), np.bool_), np.zeros(len(sites), np.bool_)
    if shares.any():
        prose = np.empty(len(table), np.bool_)
        tell_prose(table, prose)
        _find(table, lines.first, shares, prose, removed, gone, held)
    return gone, held
