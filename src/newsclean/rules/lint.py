"""What can be said against a rule without running its examples.

Owns: the complaints about phrases, patterns, ids and characters in rule files. Must not know: how an example is tried.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from newsclean.fold import fold
from newsclean.lines import punctuation_class
from newsclean.rules.compile import LinePattern
from newsclean.rules.model import Rule, RuleBook, has_word

_LONGEST_HOSTILE = 4000  # code points
_HOSTILE_LIMIT = 0.25  # seconds; a sane pattern needs a thousandth
_STRING = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*\"""")  # of one line
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_JOINERS = "\u200c\u200d"  # part of the spelling in Persian and in Indic scripts
# The same ordinary sentence in nine scripts, in the length of a headline.
_SENTENCES = (
    "The harbour opens again on Monday",
    "Порт снова откроется в понедельник",
    "يفتح المرفأ أبوابه من جديد يوم الاثنين",
    "הנמל ייפתח מחדש ביום שני",
    "Το λιμάνι ανοίγει ξανά τη Δευτέρα",
    "बंदरगाह सोमवार को फिर खुलेगा",
    "ท่าเรือเปิดอีกครั้งในวันจันทร์",
    "港口将于星期一重新开放",
    "항구가 월요일에 다시 문을 연다",
)


def complaint(rule: Rule, why: str) -> str:
    return f"{rule.origin}: rule {rule.id!r}: {why}"


def is_right_to_left(text: str) -> bool:
    """Whether a string holds letters of Hebrew, Arabic and the like."""
    return bool(_RIGHT_TO_LEFT.search(text))


def lint(rules: Sequence[Rule], book: RuleBook, root: Path) -> Iterator[str]:
    """Every complaint about `rules`, whose files lie under `root`, as one line each; see `CheckReport.problems`."""
    for rule in rules:
        yield from _short_phrases(rule)
        yield from _lost_signs(rule)
        yield from _broad_patterns(rule)
        yield from _slow_patterns(rule)
    yield from _repeated_phrases(rules)
    yield from _unused(rules, book)
    for path in sorted(root.rglob("*.toml")):
        yield from _invisible_characters(path)
        yield from _crowded_lines(path)


def _short_phrases(rule: Rule) -> Iterator[str]:
    for key in ("label", "ending", "within"):
        for phrase in getattr(rule, key):
            letters = len(fold(phrase).replace(" ", ""))
            wide = any(ord(char) > 0x2E80 for char in phrase)
            if letters < 3 and not wide and fold(phrase[0]) and fold(phrase[-1]):
                yield complaint(
                    rule, f"{key} phrase {phrase!r} is under three letters: too common, add its punctuation"
                )


def _lost_signs(rule: Rule) -> Iterator[str]:
    """Signs at the edge of a phrase that no text is asked for, since they are no punctuation: `Foto ©` matches `Foto`.

    A phrase for the whole line matches little else for that, and may keep its sign.
    """
    for key in ("label", "ending", "within"):
        for phrase in getattr(rule, key):
            for char in dict.fromkeys(_edges(phrase)):
                if unicodedata.category(char)[0] == "S" and not punctuation_class(char):
                    yield complaint(
                        rule,
                        f"{key} phrase {phrase!r}: the sign {char!r} at its edge counts for nothing; "
                        "leave it out, or write a pattern with it in `near`",
                    )


def _edges(phrase: str) -> Iterator[str]:
    """The characters before the first and after the last word of a phrase."""
    for chars in (phrase, reversed(phrase)):
        yield from takewhile(lambda char: not has_word(char), chars)


def _broad_patterns(rule: Rule) -> Iterator[str]:
    """A pattern that takes ordinary sentences of several scripts describes nothing; `near` only says where it is tried."""
    for source in rule.pattern:
        taken = 0
        for sentence in _SENTENCES:
            try:
                match = LinePattern([source], rule.action).match(sentence, _HOSTILE_LIMIT)
            except TimeoutError:  # told of by _slow_patterns
                continue
            taken += bool(match) and match.end() - match.start() == len(sentence)
        if taken > 1:
            yield complaint(rule, f"the pattern takes any sentence: {source!r}")


def _slow_patterns(rule: Rule) -> Iterator[str]:
    for source in rule.pattern:
        pattern = LinePattern([source], rule.action)
        for line in _hostile_lines(rule):
            try:
                pattern.match(line, _HOSTILE_LIMIT)
            except TimeoutError:
                yield complaint(rule, f"the pattern runs away on a line like {line[:40]!r}...: {source!r}")
                break


def _hostile_lines(rule: Rule) -> Iterator[str]:
    """Long lines that make a pattern backtrack: one thing over and over, and at last something that does not fit."""
    for seed in ("a", " ", "1", "ا", "-", "1 ", "a ", "ا ", ": ", "/", *rule.near, *rule.drop):
        yield (seed * 4000)[: (rule.max or _LONGEST_HOSTILE) - 1] + "\x00"


def _repeated_phrases(rules: Sequence[Rule]) -> Iterator[str]:
    """A phrase that two rules of one file match in the same way: the second can never act."""
    seen: dict[tuple[str, ...], Rule] = {}
    for rule in rules:
        phrases = Counter(
            (rule.scope, key, p) for key in ("label", "line", "ending", "within") for p in getattr(rule, key)
        )
        for key, count in phrases.items():
            if count > 1:
                yield complaint(rule, f"the {key[1]} phrase {key[2]!r} is given twice")
            where = (*key, repr(rule.zone), rule.value)
            if where in seen:
                yield complaint(rule, f"the {key[1]} phrase {key[2]!r} is also in rule {seen[where].id!r}")
            seen[where] = rule


def _unused(rules: Sequence[Rule], book: RuleBook) -> Iterator[str]:
    """A rule that its own file switches off never acts; `disable` is for the files below."""
    for rule in rules:
        if rule.name in book.packs[rule.scope].disable:
            yield complaint(rule, "its own file disables it: it is never used")


def _invisible_characters(path: Path) -> Iterator[str]:
    """Characters that an author cannot see, as they stand in the file; an escape such as \\u200f is in order."""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        for char in dict.fromkeys(line):
            if unicodedata.category(char) == "Cf" and char not in _JOINERS:
                yield (
                    f"{path}:{number}: holds the invisible character U+{ord(char):04X}: "
                    f'leave it out, or write \\u{ord(char):04X} in a "..." string'
                )


def _crowded_lines(path: Path) -> Iterator[str]:
    """Lines of rules with several right-to-left strings: editors show these in another order, commas and quotes between them."""
    table = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        table = line if line.startswith("[") else table
        if table != "[[rule]]" or line.startswith("#"):  # in the word lists of a language the order says nothing
            continue
        if sum(map(is_right_to_left, _STRING.findall(line))) > 1:
            yield f"{path}:{number}: more than one right-to-left string on a line: give each a line of its own"
