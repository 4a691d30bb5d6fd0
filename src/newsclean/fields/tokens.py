"""One line as a *shape*: a letter for each token, so that the grammar of dates is a regular expression over letters.

Owns: the folding and cutting of a line, and what each word may mean. Must not know: how dates are put together.

Letters: `d` a number of one or two figures, `y` of four, `n` any other; `m` month, `w` weekday, `a` time of day (`A` if
it stands before the hour), `h` hour mark, `k` word that announces a time, `t` the T of ISO 8601, `z` zone, `e` era,
`p` "published", `u` "updated", `x` any other word; `: / . , + -` are themselves. Blanks and fillers leave no letter.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from newsclean.fields import names
from newsclean.fold import SEPARATOR, SKIP, fold_table

_PUNCTUATION = {
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "،": ",", "，": ",", "、": ",", "：": ":", "／": "/", "．": ".",
    "'": None, "’": None, "ʼ": None, "`": None, "׳": None,
}  # fmt: skip
_TOKEN = re.compile(
    r"[0-9]+"
    r"|(?<=[0-9])[年月日时時号號分년월일시분]"  # written without blanks
    r"|(?:[apπμ]|ق|ب)\. ?(?:[mμ]|ظ)(?![^\W_])"  # a.m., ب.ظ
    r"|[^\s0-9:/.,+-]+"
    r"|\ +-+\ *|-+\ +"  # a dash beside a blank parts date and time, like a comma
    r"|[:/.,+-]"
)
_OTHER = ("x", None)
_COMMA = (",", None)


class _Fold(dict[int, "str | None"]):
    """A `str.translate` table that fills itself from the fold, but keeps the punctuation of dates."""

    def __missing__(self, point: int) -> str | None:
        char, folded = chr(point), int(fold_table()[point])
        if char in _PUNCTUATION:
            self[point] = _PUNCTUATION[char]
        elif folded == SEPARATOR:
            self[point] = char if char in ":/.,+-" else " "
        else:
            self[point] = None if folded == SKIP else chr(folded)
        return self[point]


@functools.cache
def _fold() -> _Fold:
    return _Fold()


class _Lexicon(NamedTuple):
    words: dict[str, tuple[str, Any]]  # folded word -> its letter ("" for a filler) and its value
    seconds: frozenset[str]  # second words of the names that have two


_VOCABULARY: tuple[tuple[str, str, Any], ...] = (
    ("a", names.MORNING_LATIN, "AM"),
    ("a", names.EVENING_LATIN, "PM"),
    ("a", names.MORNING, "am"),
    ("a", names.NOON, "noon"),
    ("a", names.EVENING, "pm"),
    ("a", names.NIGHT, "night"),
    ("A", names.MORNING_BEFORE, "am"),
    ("A", names.EVENING_BEFORE, "pm"),
    ("e", names.LUNAR_ERA, "hijri"),
    ("e", names.SOLAR_ERA, "jalali"),
    ("h", names.HOUR_MARKS, None),
    ("k", names.CLOCK, None),
    ("/", names.SLASHES, None),
    (".", names.DOTS, None),
    ("p", names.PUBLISHED, None),
    ("u", names.UPDATED, None),
    ("t", "t", None),
    ("", names.FILLERS, None),
)


def _readings(tables: Iterable[tuple[str, str, Any]], language: str | None) -> dict[str, tuple[Any, ...]]:
    """(language, table, what entry i means as a function of i) -> folded name -> all it may mean.

    A name means what it means in `language`; only names foreign to it are read by the other tables.
    """
    own: dict[str, dict[Any, None]] = {}
    foreign: dict[str, dict[Any, None]] = {}
    for tongue, table, meaning in tables:
        for number, spellings in enumerate(table.split("|"), 1):
            for name in spellings.split(","):
                found = own if tongue == language else foreign
                found.setdefault(name.translate(_fold()), {})[meaning(number)] = None
    return {name: tuple(meanings) for name, meanings in (foreign | own).items()}


@functools.cache
def _lexicon(language: str | None) -> _Lexicon:
    words: dict[str, tuple[str, Any]] = {}
    if language == "de":
        words["am"] = ("", None)  # the preposition, not the morning

    def months(calendar: str) -> Any:
        return lambda number: (calendar, number)

    tables = [(tongue, table, months(calendar)) for (tongue, calendar), table in names.MONTHS.items()]
    for name, meanings in _readings(tables, language).items():
        words.setdefault(name, ("m", meanings))
        if meanings[0][0] == "jalali":
            words.setdefault(name + "ماه", ("m", meanings))
    for letter, spellings, value in _VOCABULARY:
        for word in spellings.split(","):
            words.setdefault(word.translate(_fold()), (letter, value))
    for zone, minutes in names.ZONES.items():
        words.setdefault(zone.translate(_fold()), ("z", minutes))
    for mark in ":/.,+-":
        words[mark] = (mark, None)
    # A weekday of another language is as likely a name (`Неделя`, `Bazar`), so one's own suffice where they are known.
    tongues = {language, "en"} if language in names.WEEKDAYS else names.WEEKDAYS.keys()
    tables = [(t, table, lambda number: number % 7) for t, table in names.WEEKDAYS.items() if t in tongues]
    for name, meanings in _readings(tables, language).items():
        words.setdefault(name, ("w", meanings))
    return _Lexicon(words, frozenset(word.split()[1] for word in words if " " in word and "." not in word))


def shape_of(text: str, language: str | None) -> tuple[str, list[Any]]:
    """The shape of a line, and for each of its letters a value.

    Values: `d`, `y`, `n` the figures as text; `m` tuple of (calendar, month); `w` tuple of weekdays, Sunday 0; `a` and
    `A` "am", "noon", "pm" or "night", in capitals if written in English; `z` minutes east of Greenwich; `e` calendar.

    >>> shape_of("Thu, 5 Dec 2024 - 6:11 pm", "en")[0]
    'w,dmy,d:da'
    """
    words, seconds = _lexicon(language)
    letters: list[str] = []
    values: list[Any] = []
    previous = ""
    for token in _TOKEN.findall(text.translate(_fold())):
        if "0" <= token[0] <= "9":
            letters.append("d" if len(token) <= 2 else "y" if len(token) == 4 else "n")
            values.append(token)
        elif token in seconds and (both := words.get(f"{previous} {token}")):
            letters[-1], values[-1] = both
        else:
            letter, value = words.get(token) or (_COMMA if token[0] in " -" else _OTHER)
            if letter:
                letters.append(letter)
                values.append(value)
        previous = token
    return "".join(letters), values
