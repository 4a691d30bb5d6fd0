"""Fields: what the removed lines of a document say about it.

Owns: which removed line becomes which field, and the shape of the fields. Must not know: rules, how lines were found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from newsclean.fields.dates import AMBIGUOUS, RELATIVE, UNREADABLE, Date, DateLine, parse_date, read_date_line
from newsclean.fields.place import read_section, read_title

__all__ = ["Date", "DateLine", "parse_date", "read_date_line", "read_fields", "read_title"]

UNSEPARATED = "unseparated-tags"
FIELDS = {
    "title": False, "published": False, "updated": False, "published_raw": False, "updated_raw": False,
    "published_jalali": False, "published_hijri": False, "sources": True, "byline": False, "article_id": False,
    "section": False, "tags": True, "tags_raw": False, "flags": True,
}  # fmt: skip
"""Every field there may be, and whether it is a list; `title` is told by what stays."""

_LONGEST_LINE = 2000  # of a longer line only so much is read

_Lines = list[tuple[str, str]]  # (text, value) of the removed lines of one class

# What stands around a name but is no part of it; brackets and quotes only in pairs.
_EDGES = " \t\r\n\u00a0\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069\ufeff.,:;،؛：/\\|*•·–—-_=+…©"
_PAIRS = {"(": ")", "[": "]", "{": "}", "«": "»", '"': '"', "“": "”", "'": "'", "【": "】", "（": "）"}
_LEAD = re.compile(r"[^:：]{2,25}[:：](?!//)")  # a label that no rule has told from its value
_BETWEEN_SOURCES = re.compile(r"[،,;؛、+|•\n]|/(?!/)|\b(?:به گزارش|به نقل از|نقلا عن|نقلاً عن)\b")
_ADDRESS = re.compile(r"://|\bwww\.")
_LONGEST_NAME = 60
_BETWEEN_TAGS = re.compile(r"[،,;؛、|•·#\t»]|\s[-–/]\s|\s{2,}")
_LONGEST_TAG = 5  # words of a tag that has a line to itself
_CODE = re.compile(r"(?<![A-Za-z0-9_/-])[A-Za-z_/-]*+[0-9][A-Za-z0-9_/-]*")
_REPORTER = re.compile(r"خبرنگار|reporter", re.IGNORECASE)  # their codes stand beside those of the page
_BY = re.compile(r"by\b[:\s]*", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_STAMP = re.compile(r"(?:[|•–—,]|\s-\s)[^|•–—,]*\d.*", re.DOTALL)  # the date behind a name


def read_fields(removed: Iterable[tuple[str, str, str]], language: str | None = None) -> dict[str, Any]:
    """What a document's removed lines tell, under these keys, each only if found.

    removed: (class, text, value) of each removed or marked line in document order, "section" in the class's place for the
    line that says where the page stands; value is what follows the rule's
    label, and the text itself where no label matched. Lines of an appended story must not be among them.

    - `published`, `updated`: ISO 8601, to the minute or second and with the offset where the line states them.
    - `published_raw`, `updated_raw`: the line that `published`, `updated` was read from, or the one that could not be read.
    - `published_jalali`, `published_hijri`: YYYY-MM-DD as written, if that was the calendar.
    - `sources`: names as written, each once. `byline`, `article_id`: the first that is told, figures as ASCII.
    - `section`: where the page stands in its site, as its path above the title says: `World › Asia`.
    - `tags`: list of tags. `tags_raw`: a line of tags that nothing separates.
    - `flags`: `ambiguous-date`, `contradictory-date`, `relative-date` (five hours ago) and `unreadable-date`, where a date
      is only there as it stood; `unseparated-tags`.

    >>> read_fields([("source", "Source: Harbour Press", "Harbour Press"), ("tags", "Tags: sea, storm", "sea, storm")])
    {'sources': ['Harbour Press'], 'tags': ['sea', 'storm']}
    """
    lines: dict[str, _Lines] = {}
    for cls, text, value in removed:
        lines.setdefault(cls, []).append((text[:_LONGEST_LINE], value[:_LONGEST_LINE]))
    fields: dict[str, Any] = {}
    flags: list[str] = []
    dated, stamped = lines.get("date", []), lines.get("dateline", []) + lines.get("byline", [])
    if dated or stamped:
        _read_dates(dated, stamped, language, fields, flags)
    if "source" in lines and (sources := list(dict.fromkeys(_sources(lines["source"])))):
        fields["sources"] = sources
    if "tags" in lines:
        _read_tags(lines["tags"], fields, flags)
    if "byline" in lines and (byline := next(_bylines(lines["byline"]), None)):
        fields["byline"] = byline
    if "id" in lines and (code := next(_codes(lines["id"]), None)):
        fields["article_id"] = code
    if section := next((told for _, value in lines.get("section", ()) if (told := read_section(value))), None):
        fields["section"] = section
    if flags:
        fields["flags"] = flags
    return fields


def _read_dates(
    lines: _Lines, stamped: _Lines, language: str | None, fields: dict[str, Any], flags: list[str]
) -> None:
    """A line that calls itself the date of publication goes before others, any of them before a dateline or byline.

    Lines of the same rank that name different days leave it open: one may be today's date, or another story's.
    """
    read = [(text, read_date_line(text, language)) for text, _ in lines]
    dated = [(text, line.published) for text, line in read if line.published]
    labelled = [(text, line.published) for text, line in read if line.published and line.labelled]
    best = labelled or dated
    if not best:
        numbered = [text for text, _ in stamped if _DIGIT.search(text)]  # few bylines are, and nothing takes longer to read
        best = [(text, day) for text in numbered if (day := read_date_line(text, language).published)]
    updates = sorted(((text, line) for text, line in read if line.update), key=lambda entry: not entry[1].updated)
    if updates:
        text, line = updates[0]
        fields["updated_raw"] = text.strip()
        if line.updated:
            fields["updated"] = line.updated.iso
        elif line.flag:
            flags.append(line.flag)
    if len({day.iso[:10] for _, day in best}) == 1:
        text, day = max(best, key=lambda entry: len(entry[1].iso))
        fields["published"], fields["published_raw"] = day.iso, text.strip()
        if day.calendar != "gregorian":
            fields[f"published_{day.calendar}"] = day.written
    elif best:
        fields["published_raw"] = best[0][0].strip()
        flags.append(AMBIGUOUS)
    elif others := [(text, line) for text, line in read if not line.update]:
        says_least = {UNREADABLE: 2, RELATIVE: 1}
        text, line = min(others, key=lambda entry: says_least.get(entry[1].flag or "", 0))
        fields["published_raw"] = text.strip()
        flags.append(line.flag or UNREADABLE)


def _name(text: str) -> str:
    """A name without the marks and the pair of brackets around it."""
    name = text.strip(_EDGES)
    while len(name) > 1 and _PAIRS.get(name[0]) == name[-1]:
        name = name[1:-1].strip(_EDGES)
    return name


def _value(text: str, value: str) -> str:
    """The value, without a label where the rule did not find one."""
    return _LEAD.sub("", value, count=1) if value == text and _LEAD.match(value) else value


def _sources(lines: _Lines) -> Iterator[str]:
    for text, value in lines:
        told = _value(text, value)
        for part in [told] if _ADDRESS.search(told) else _BETWEEN_SOURCES.split(told):
            name = _name(part)
            if len(name) <= _LONGEST_NAME and any(char.isalpha() for char in name):
                yield name


def _read_tags(lines: _Lines, fields: dict[str, Any], flags: list[str]) -> None:
    """Tags parted by a mark, or one a line where there are several lines; else the line stays as it is."""
    printed = (piece.strip(_EDGES) for text, value in lines for piece in _value(text, value).splitlines())
    pieces = [piece for piece in printed if piece]
    tags: list[str] = []
    raw: list[str] = []
    for piece in pieces:
        names = [name for part in _BETWEEN_TAGS.split(piece) if (name := _name(part))]
        words = len(piece.split())
        if len(names) > 1 or words == 1 or "#" in piece or (len(pieces) > 1 and words <= _LONGEST_TAG):
            tags += names
        elif names:
            raw.append(piece)
    if tags:
        fields["tags"] = list(dict.fromkeys(tags))
    if raw:
        fields["tags_raw"] = "\n".join(raw)
        flags.append(UNSEPARATED)


def _bylines(lines: _Lines) -> Iterator[str]:
    for text, value in lines:
        told = _name(_BY.sub("", _value(text, value), count=1))
        if name := _name(_STAMP.sub("", told)):
            yield name


def _codes(lines: _Lines) -> Iterator[str]:
    """Codes that are labelled as such: a number alone on its line is a reporter's or an editor's."""
    for text, value in lines:
        figures = "".join(str(int(char)) if char.isdecimal() else char for char in value)
        code = _CODE.search(figures)
        if code and any(char.isalpha() for char in text) and not _REPORTER.search(text):
            yield code[0].strip("/-_")
