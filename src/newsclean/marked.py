"""Text with marked spans as HTML that can do no harm: what the report and notebooks show of an article.

Owns: escaping, what stands for characters that mislead the eye, what is left out of a long text, and the look of marks
(`marked.css`). Must not know: rules, files, pages. Article text is hostile: every function here that returns HTML takes plain
text and escapes it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources
from typing import NamedTuple

import regex

from newsclean.fold import fold

RUN = 3
"""Words in a row that two texts must share: the shingles that copies are compared by."""

# Controls, marks that reorder what follows (Trojan Source, CVE-2021-42574), line separators, lone surrogates, invisible tags.
_MISLEADING = regex.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_WORD = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{N}\p{M}]+")
_PER_PART = 20  # what a mark takes of the room: thousands of short ones fill a page too
_COMPARED = 100_000  # characters of a text that `only_here` reads


class Mark(NamedTuple):
    """A span of a text, its class (of `marked.css`), what is said of it, and the HTML element that shows it."""

    start: int
    end: int
    kind: str
    label: str
    tag: str = "del"


def visible(text: object) -> str:
    """The text with characters that would reorder, hide or break it spelled out.

    >>> visible("user\\u202eexe.txt")
    'user⟦U+202E⟧exe.txt'
    """
    return _MISLEADING.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", str(text))


def short(text: object, most: int = 300) -> str:
    """The beginning of a text that should be short, but is another's."""
    told = str(text)
    return told if len(told) <= most else f"{told[:most]} …"


def html(text: object) -> str:
    """Any text as HTML."""
    return escape(visible(text))


def lines_html(text: str, marks: Sequence[Mark] = (), *, keep: int = 600, room: int = 8000) -> str:
    """A text as paragraphs, one a line, each in its own direction, with its marked spans.

    marks: disjoint, in order. keep: characters shown at either end of a marked span or of what stands between two; the middle
    is left out, its length told. room: characters shown in all, and _PER_PART for each part.

    >>> lines_html("Rain & wind\\nShare", [Mark(12, 17, "share", "base:share")])
    '<p dir="auto">Rain &amp; wind</p><p dir="auto"><del class="mark share" tabindex="0" title="base:share">Share</del></p>'
    """
    paragraphs: list[str] = []
    line: list[str] = []
    blank = False  # a blank line stood before this one
    for part, mark in _shown(text, marks, keep, room):
        for n, piece in enumerate(part.split("\n")):
            if n and line:
                paragraphs.append(_paragraph(line, blank))
                line, blank = [], False
            elif n:
                blank = bool(paragraphs)
            if piece.strip():
                line.append(_span(piece, mark))
    if line:
        paragraphs.append(_paragraph(line, blank))
    return "".join(paragraphs)


def _shown(text: str, marks: Sequence[Mark], keep: int, room: int) -> Iterator[tuple[str, Mark | None]]:
    """The parts of a text that are shown, each with its mark, and _LEFT_OUT with the number of characters for the others."""
    at = shown = 0
    for mark in (*marks, None):
        start, end = (mark.start, mark.end) if mark else (len(text), len(text))
        for low, high, on in ((at, start, None), (start, end, mark)):
            for part in _ends(text, low, high, keep):
                shown += _PER_PART + (len(part) if isinstance(part, str) else 0)
                if shown > room:
                    yield f"{len(text) - low:,}", _LEFT_OUT
                    return
                yield (part, on) if isinstance(part, str) else (f"{part:,}", _LEFT_OUT)
        at = end


def _ends(text: str, low: int, high: int, keep: int) -> Iterator[str | int]:
    """text[low:high], of which the middle is only counted if it is long."""
    if high - low <= 2 * keep + keep // 2:
        if low < high:
            yield text[low:high]
        return
    yield text[low : low + keep]
    yield high - low - 2 * keep
    yield text[high - keep : high]


_LEFT_OUT = Mark(0, 0, "left-out", "", "span")


def _span(text: str, mark: Mark | None) -> str:
    if mark is None:
        return html(text)
    if mark is _LEFT_OUT:
        return f'<span class="left-out" dir="ltr">… {text} characters …</span>'
    told = f'class="mark {escape(mark.kind)}" tabindex="0" title="{html(short(mark.label))}"'
    return f"<{mark.tag} {told}>{html(text)}</{mark.tag}>"


def _paragraph(line: list[str], blank: bool) -> str:
    return f'<p dir="auto"{_APART if blank else ""}>{"".join(line)}</p>'


_APART = ' class="apart"'


@functools.lru_cache(maxsize=2)  # the two sides of a pair, asked for paragraph by paragraph
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of RUN words, folded."""
    keys = [key for *_, key in _words(text)]
    return frozenset(zip(*(keys[n:] for n in range(RUN)), strict=False))


def only_here(text: str, other: str) -> list[Mark]:
    """Marks on the words of `text` that stand in no run of RUN words that `other` has too, folded: what makes two copies differ.

    >>> [(mark.start, mark.end) for mark in only_here("Snow closed the pass on Friday.", "Snow closed the pass today.")]
    [(21, 30)]
    """
    words, runs = _words(text), _runs(other)
    shared = [False] * len(words)
    for i in range(len(words) - RUN + 1):
        if tuple(key for *_, key in words[i : i + RUN]) in runs:
            shared[i : i + RUN] = [True] * RUN
    marks: list[Mark] = []
    for i, (start, end, _) in enumerate(words):
        if shared[i]:
            continue
        if marks and i and not shared[i - 1] and "\n" not in text[marks[-1].end : start]:
            start = marks.pop().start
        marks.append(Mark(start, end, "only", "only in this text", "mark"))
    return marks


def _words(text: str) -> list[tuple[int, int, str]]:
    found = ((word.start(), word.end(), fold(word[0])) for word in _WORD.finditer(text[:_COMPARED]))
    return [word for word in found if word[2]]


def table_html(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; every cell is escaped and kept in its own direction."""
    head = "".join(f'<th scope="col">{html(name)}</th>' for name in headings)
    lines = ("".join(f"<td><bdi>{html(short(cell))}</bdi></td>" for cell in row) for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody></table>"


@functools.cache
def stylesheet() -> str:
    """The look of marks, for the <style> of a page or of a notebook's cell."""
    return resources.files("newsclean").joinpath("marked.css").read_text(encoding="utf-8")


def notebook_html(*parts: str) -> str:
    """Parts, HTML already, as what a notebook shows of an object."""
    return f'<div class="newsclean"><style>{stylesheet()}</style>{"".join(parts)}</div>'
