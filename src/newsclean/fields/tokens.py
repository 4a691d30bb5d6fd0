"""One line as a *shape*: a letter for each token, so that the grammar of dates is a regular expression over letters.

Owns: the folding and cutting of a line, and what each word may mean. Must not know: how dates are put together.

Letters: `d` a number of one or two figures, `y` of four, `n` any other; `m` month, `w` weekday, `A` time of day (`a` if
it is one after a time only), `h` hour mark, `k` word that announces a time, `t` the T of ISO 8601, `z` zone, `e` era,
`Y` `M` `D` the signs 年 月 日, `p` "published", `u` "updated", `x` any other word; `: / . , + -` are themselves. Blanks
and fillers leave no letter.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from newsclean.fields import names
from newsclean.fold import fold

_TOKEN = re.compile(
    r"\d+"
    r"|(?<=\d)[年月日时時号號分년월일시분]"  # written without blanks
    r"|(?:[apAPπμ]|ق|ب)\.\s?(?:[mMμ]|ظ)(?![^\W_])"  # a.m., ب.ظ
    r"|[^\s\d:：/／.．,，،、+\-–—−|()\[\]«»\"“”•·;؛!?؟…]+"
    r"|\s+[-–—−]+\s*|[-–—−]+\s+"  # a dash beside a blank parts date and time, like a comma
    r"|[:：/／.．,，،、+\-–—−]"
)
_MARKS = {":": ":：", "/": "/／", ".": ".．", ",": ",，،、", "+": "+", "-": "-–—−"}
_APOSTROPHES = str.maketrans("", "", "'’ʼ`׳")
_REMEMBERED, _LONGEST_REMEMBERED = 50_000, 20  # tokens of a language kept as they come; the others are read anew

# A token's letter ("" for a filler), its value, and, if it ends names of two words, what it means after their first.
_Entry = tuple[str, Any, "dict[str, _Entry] | None"]
_OTHER: _Entry = ("x", None, None)

_VOCABULARY: tuple[tuple[str, str, Any], ...] = (
    ("A", names.MORNING_LATIN, "AM"),
    ("A", names.EVENING_LATIN, "PM"),
    ("A", names.MORNING, "am"),
    ("A", names.NOON, "noon"),
    ("A", names.EVENING, "pm"),
    ("A", names.NIGHT, "night"),
    ("a", names.EVENING_OR_ERA, "pm"),
    ("e", names.LUNAR_ERA, "hijri"),
    ("e", names.SOLAR_ERA, "jalali"),
    ("h", names.HOUR_MARKS, None),
    ("k", names.CLOCK, None),
    ("Y", names.YEAR_SIGNS, None),
    ("M", names.MONTH_SIGNS, None),
    ("D", names.DAY_SIGNS, None),
    (".", names.DOTS, None),
    ("p", names.PUBLISHED, None),
    ("u", names.UPDATED, None),
    ("t", "t", None),
    ("", names.FILLERS, None),
)


def _readings(tables: Iterable[tuple[str, str, Any]], language: str | None) -> dict[str, tuple[Any, ...]]:
    """(language, table, what entry i means as a function of i) -> name -> all it may mean.

    A name means what it means in `language`; only names foreign to it are read by the other tables.
    """
    own: dict[str, dict[Any, None]] = {}
    foreign: dict[str, dict[Any, None]] = {}
    for tongue, table, meaning in tables:
        for number, spellings in enumerate(table.split("|"), 1):
            for name in spellings.split(","):
                found = own if tongue == language else foreign
                found.setdefault(_fold(name), {})[meaning(number)] = None
    return {name: tuple(meanings) for name, meanings in (foreign | own).items()}


def _words(language: str | None) -> Iterator[tuple[str, str, Any]]:
    """(word, letter, value); a word that comes twice means what it means first."""
    if language == "de":
        yield "am", "", None  # the preposition, not the morning
    months = ((tongue, table, partial(_month, calendar)) for (tongue, calendar), table in names.MONTHS.items())
    for name, meanings in _readings(months, language).items():
        yield name, "m", meanings
        if meanings[0][0] == "jalali":
            yield name + "ماه", "m", meanings
    for letter, spellings, value in _VOCABULARY:
        for word in spellings.split(","):
            yield word, letter, value
    for zone, minutes in names.ZONES.items():
        yield zone, "z", minutes
    # A weekday of another language is as likely a name (`Неделя`, `Bazar`), so one's own suffice where they are known.
    tongues = {language, "en"} if language in names.WEEKDAYS else names.WEEKDAYS.keys()
    weekdays = ((tongue, table, _weekday) for tongue, table in names.WEEKDAYS.items() if tongue in tongues)
    for name, meanings in _readings(weekdays, language).items():
        yield name, "w", meanings


def _month(calendar: str, number: int) -> tuple[str, int]:
    return calendar, number


def _weekday(number: int) -> int:
    return number % 7


class _Lexicon(dict[str, _Entry]):
    """Token, as it is written -> its entry. Filled from the words of a language, folded, as tokens come along."""

    def __init__(self, language: str | None) -> None:
        self.folded: dict[str, _Entry] = {}
        for word, letter, value in _words(language):
            self.folded.setdefault(_fold(word), (letter, value, None))
        for name in [word for word in self.folded if " " in word]:
            first, second = name.split()
            letter, value, pairs = self.folded.get(second, _OTHER)
            self.folded[second] = (letter, value, (pairs or {}) | {first: self.folded[name]})
        super().__init__((mark, (letter, None, None)) for letter, marks in _MARKS.items() for mark in marks)

    def __missing__(self, token: str) -> _Entry:
        folded = _fold(token)
        entry: _Entry
        if folded.isdecimal():
            entry = ("d" if len(folded) <= 2 else "y" if len(folded) == 4 else "n", folded, None)
        elif not folded:  # invisible marks, or a dash between blanks
            entry = ("," if token.strip() != token else "", None, None)
        else:
            entry = self.folded.get(folded, _OTHER)
            if entry is _OTHER and folded[-2:] >= "\u3000":  # 星期二下午: no blanks between words
                ending = self.folded.get(folded[-2:], _OTHER)
                entry = ending if ending[0] == "A" else _OTHER
        if len(self) < _REMEMBERED and len(token) <= _LONGEST_REMEMBERED:
            self[token] = entry
        return entry


def _fold(word: str) -> str:
    return fold(word.translate(_APOSTROPHES))


@functools.cache
def _lexicon(language: str | None) -> _Lexicon:
    return _Lexicon(language)


def shape_of(text: str, language: str | None) -> tuple[str, list[Any]]:
    """The shape of a line, and for each of its letters a value.

    Values: `d`, `y`, `n` the figures as text; `m` tuple of (calendar, month); `w` tuple of weekdays, Sunday 0; `a` and
    `A` "am", "noon", "pm" or "night", in capitals if written in English; `z` minutes east of Greenwich; `e` calendar.

    >>> shape_of("Thu, 5 Dec 2024 - 6:11 pm", "en")[0]
    'w,dmy,d:dA'
    """
    lexicon = _lexicon(language)
    letters: list[str] = []
    values: list[Any] = []
    previous = ""
    for token in _TOKEN.findall(text):
        letter, value, pairs = lexicon[token]
        if pairs and (pair := pairs.get(_fold(previous))):
            letters[-1], values[-1], _ = pair
        elif letter:
            letters.append(letter)
            values.append(value)
        previous = token
    return "".join(letters), values
