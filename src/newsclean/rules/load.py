"""Rule files into a RuleBook: the only module that knows TOML.

Owns: reading the folders, checking the shape of every rule, and saying what is wrong at `path:line`. Must not know: how
rules are matched. Whether the examples hold is `newsclean.rules.check`'s business.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import regex
import tomli

from newsclean.errors import RuleError, UsageError
from newsclean.rules.model import (
    ACTIONS,
    CLASSES,
    DETECTORS,
    FOLLOWS,
    MATCHERS,
    VALUES,
    ZONES,
    Rule,
    RuleBook,
    RulePack,
    has_word,
)  # fmt: skip

_HEAD = re.compile(r"\s*\[\[\s*rule\s*\]\]")
_PHRASES = ("label", "line", "ending", "within", "near")
_LISTS = {*_PHRASES, "pattern", "drop", "keep"}
_NUMBERS = {"max", "min", "digits", "after", "most"}
_CHOICES = {"class": CLASSES, "action": ACTIONS, "value": VALUES, "follow": FOLLOWS, "detect": DETECTORS}
_KEYS = {"id", "why", "zone", *_LISTS, *_NUMBERS, *_CHOICES}
_LONGEST_SHAPE = 200  # a pattern without a literal runs on lines up to this length only
_CUT_AFTER = 200
# Which ways of matching make sense for an action on a part of the line.
_PARTS = {"prefix": {"label", "pattern"}, "suffix": {"ending", "pattern"}, "span": {"within", "pattern"}}


def packaged_rules() -> Path:
    """The folder of the rule files that come with newsclean: inside the wheel, or at the top of a checkout."""
    installed = Path(__file__).parent.parent / "packs"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "rules"


def load_rules(
    folders: Sequence[str | Path] = (), *, packaged: bool = True, under: RuleBook | None = None
) -> RuleBook:
    """The packaged rules with the user's folders laid over them, in order.

    The packaged files are read once in the life of a process. under: a book loaded before, to begin with instead of them.
    Raises RuleError, listing every problem of every file, and UsageError for a folder that does not exist.
    """
    book = under or (_packaged_book() if packaged else RuleBook())
    return _laid_over(book, [Path(folder) for folder in folders]) if folders else book


@functools.cache
def _packaged_book() -> RuleBook:
    """Patterns are not tried here: they are proven before a release, and to compile them all takes a third of a second."""
    return _laid_over(RuleBook(), [packaged_rules()], tried=False)


def _laid_over(book: RuleBook, folders: Sequence[Path], *, tried: bool = True) -> RuleBook:
    """The book with the files of folders laid over it, in order. tried: whether their patterns are."""
    packs, problems = dict(book.packs), list[str]()
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder of rules")
        for path in sorted(folder.rglob("*.toml")):
            pack = _read_pack(path, path.relative_to(folder).with_suffix("").as_posix(), problems)
            if tried:
                problems += _bad_patterns(pack)
            earlier = packs.get(pack.scope)
            packs[pack.scope] = pack.over(earlier) if earlier else pack
    names = {rule.name for pack in packs.values() for rule in pack.rules}
    for pack in packs.values():
        for name in pack.disable:
            if name not in names:
                problems.append(f"{pack.origin}: disable: there is no rule {name!r}{_did_you_mean(name, names)}")
    if problems:
        raise RuleError(problems)
    return RuleBook(packs)


def _did_you_mean(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, sorted(known), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _read_pack(path: Path, scope: str, problems: list[str]) -> RulePack:
    if not re.fullmatch(r"base|(lang|site|wire)/[^/\s]+", scope):
        problems.append(f"{path}: a rule file is base.toml, or lies in lang/, site/ or wire/")
    try:
        source = path.read_text(encoding="utf-8")
        data = tomli.loads(source)
    except UnicodeDecodeError as error:
        problems.append(f"{path}: not UTF-8: {error.reason} at byte {error.start}")
        return RulePack(scope)
    except tomli.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column \d+\)", str(error))
        why = str(error).split(" (at ")[0]
        problems.append(f"{path}:{where.group(1) if where else 1}: not TOML: {why}")
        return RulePack(scope)
    lines = source.split("\n")
    starts = [n for n, text in enumerate(lines, 1) if _HEAD.match(text)]
    known = {"rule", "disable", *(["language"] if scope.startswith("lang/") else [])}
    for key in data.keys() - known:
        problems.append(f"{path}:{_line_of(lines, key, 1)}: unknown key {key!r}{_did_you_mean(key, known)}")
    for key, why in _shape_faults(data):
        problems.append(f"{path}:{_line_of(lines, key, 1)}: {why}")
        del data[key]
    rules: list[Rule] = []
    for number, entry in enumerate(data.get("rule", [])):
        start = starts[number] if number < len(starts) else 1
        made = _read_rule(path, scope, entry, lines, start, problems)
        if made and any(rule.id == made.id for rule in rules):
            problems.append(f"{made.origin}: rule {made.id!r}: the id is used twice in this file")
        elif made:
            rules.append(made)
    language = data.get("language", {})
    for key in language.keys() - {"words", "dates"}:
        problems.append(f"{path}:{_line_of(lines, key, 1)}: language: unknown key {key!r}")
    return RulePack(
        scope, tuple(rules), tuple(data.get("disable", ())), tuple(language.get("words", ())),
        tuple(language.get("dates", ())), str(path),
    )  # fmt: skip


def _shape_faults(data: dict[str, Any]) -> list[tuple[str, str]]:
    """What is of another kind than its key in a file wants, as (key, complaint)."""
    rules, language = data.get("rule", []), data.get("language", {})
    found = []
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        found.append(("rule", "a rule begins with [[rule]]"))
    if "disable" in data and not _strings(data["disable"]):
        found.append(("disable", "'disable' takes a list of names of rules"))
    if not isinstance(language, dict) or not all(_strings(words) for words in language.values()):
        found.append(("language", "[language] holds lists of words"))
    return found


def _strings(value: Any) -> bool:
    """Whether this is a list of strings that are not empty."""
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _line_of(lines: list[str], key: str, start: int) -> int:
    pattern = re.compile(rf"\s*\[?\s*[\"']?{re.escape(key)}\b")
    return next((n for n in range(start, len(lines) + 1) if pattern.match(lines[n - 1])), start)


def _read_rule(
    path: Path, scope: str, entry: dict[str, Any], lines: list[str], start: int, problems: list[str]
) -> Rule | None:
    name = entry.get("id", "?")
    found = [
        f"{path}:{_line_of(lines, key, start) if key else start}: rule {name!r}: {why}" for key, why in _faults(entry)
    ]
    problems.extend(found)
    if found:
        return None
    told: dict[str, Any] = {key: tuple(value) if key in _LISTS else value for key, value in entry.items()}
    told["cls"] = told.pop("class")
    if "zone" in told:
        told["zone"] = (told["zone"],) if isinstance(told["zone"], str) else tuple(told["zone"])
    if told.get("action") == "cut":
        told.setdefault("after", _CUT_AFTER)
    if "follow" in told:
        told.setdefault("most", 15 if told["follow"] == "tags" else 4)
    return Rule(scope=scope, origin=f"{path}:{start}", **told)


def _faults(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with one rule, as (key, complaint); key '' for the rule as a whole."""
    unknown = sorted(entry.keys() - _KEYS)
    for key in unknown:
        yield key, f"unknown key {key!r}{_did_you_mean(key, _KEYS)}"
    for key in ("id", "class", "why", "drop", "keep"):
        if not entry.get(key):
            need = {"drop": "an example that it must remove", "keep": "an example that it must leave alone"}.get(
                key, "one"
            )
            yield "", f"{key!r} is missing: every rule needs {need}"
    wrong_type = False
    for key, value in entry.items():
        complaint = _type_fault(key, value)
        if complaint:
            wrong_type = True
            yield key, complaint
    if unknown or wrong_type:
        return
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.get("id", "x")):
        yield "id", "an id is made of small letters, digits and hyphens"
    yield from _matcher_faults(entry)
    yield from _pattern_faults(entry)


def _type_fault(key: str, value: Any) -> str | None:
    if key in _LISTS:
        if not _strings(value):
            return f"{key!r} takes a list of strings that are not empty"
    elif key in _NUMBERS:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            return f"{key!r} takes a whole number"
    elif key == "zone":
        for zone in value if isinstance(value, list) else [value]:
            if zone not in ZONES:
                return f"zone {zone!r} is none of: {' '.join(ZONES)}"
    elif not isinstance(value, str):
        return f"{key!r} takes a string"
    elif key in _CHOICES and value not in _CHOICES[key]:
        return f"{key} {value!r} is none of: {' '.join(_CHOICES[key])}{_did_you_mean(value, _CHOICES[key])}"
    return None


def _matcher_faults(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    ways = {key for key in MATCHERS if entry.get(key)}
    action = entry.get("action", "line")
    if not ways:
        yield "", f"says nothing to match: give one of {', '.join(MATCHERS)}"
    for key in _PHRASES:
        for phrase in entry.get(key, []):
            if key != "near" and not has_word(phrase):
                yield key, f"the phrase {phrase!r} has no letter or digit"
    if action in _PARTS and ways - _PARTS[action]:
        fit, given = sorted(_PARTS[action]), sorted(ways - _PARTS[action])
        yield "action", f"action {action!r} goes with {' or '.join(fit)}, not with {', '.join(given)}"
    if (action == "block") != ("follow" in entry):
        yield "", "'follow' goes with action = \"block\", and a block needs it"
    if "most" in entry and entry.get("follow") not in ("tags", "titles", "story"):
        yield "most", '\'most\' goes with follow = "tags", "titles" or "story"'
    if "value" in entry and not entry.get("label"):
        yield "value", "'value' says what follows a label, and there is no label"


def _pattern_faults(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "near" in entry and not entry.get("pattern"):
        yield "near", "'near' tells where to try a pattern, and there is no pattern"
    if not entry.get("pattern"):
        return
    if not entry.get("near") and not 0 < entry.get("max", 0) <= _LONGEST_SHAPE:
        yield "pattern", f"a pattern needs phrases in 'near', or a 'max' of at most {_LONGEST_SHAPE} characters"


def _bad_patterns(pack: RulePack) -> Iterator[str]:
    for rule in pack.rules:
        path, _, start = rule.origin.rpartition(":")
        for source in rule.pattern:
            for why in _pattern_problems(source):
                lines = Path(path).read_text(encoding="utf-8").split("\n")
                yield f"{path}:{_line_of(lines, 'pattern', int(start))}: rule {rule.id!r}: {why}"


def _pattern_problems(source: str) -> Iterator[str]:
    try:
        compiled = regex.compile(source)
    except regex.error as error:
        yield f"not a regular expression: {source!r}: {error}"
        return
    if regex.search(r"\\[1-9]", source):
        yield f"refers to a group by number: name it, (?P<name>...), and refer by (?P=name): {source!r}"
    if compiled.fullmatch(""):
        yield f"matches the empty string: {source!r}"
