"""A RuleBook as the arrays and patterns the engine runs: phrases in one trie, rules in one table.

Owns: the numbers by which the kernels know rules, classes and conditions. Must not know: documents, files.
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import regex

from newsclean.fold import fold_table
from newsclean.kernels.lines import ANYWHERE, AT_START
from newsclean.kernels.words import edge_keys, fill_table, language_votes, word_hashes
from newsclean.lines import BLANK, STOP, punctuation_class
from newsclean.rules.model import ACTIONS, CLASSES, FOLLOWS, VALUES, ZONES, Rule, RuleBook, has_word, is_word
from newsclean.text import TextColumn

# Columns of the rule table, int64 [rules, RULE_WIDTH].
ACTION, CLASS, VALUE, ZONE, MAX, MIN, MIN_DIGITS, AFTER, FOLLOW, MOST = range(10)
RULE_WIDTH = 10
ACTION_NUMBER = {name: number for number, name in enumerate(ACTIONS)}
CLASS_NUMBER = {name: number for number, name in enumerate(CLASSES)}
FOLLOW_NUMBER = {name: number for number, name in enumerate(FOLLOWS)}
VALUE_NUMBER = {name: number for number, name in enumerate(VALUES)}
ZONE_BIT = {name: 1 << number for number, name in enumerate(ZONES)}

# The share of a text's words that must be function words of its language. News has 15 to 45 %; a text in a language without
# a pack finds a few of its words in others.
_FUNCTION_WORD_SHARE = 0.06
_FUNCTION_WORDS = 2.0  # and no fewer than these

TIME_LIMIT = 0.05  # seconds for one pattern on one line; a sane pattern takes microseconds
# Looking at the clock is half the time of a call, so only a pattern that may need much is timed. What makes backtracking
# explode is a group repeated. Without one, the time is a power of the line's length, by the number of open-ended repetitions.
_REPEATED_GROUP = regex.compile(r"\)[*+{]")
_OPEN_ENDED = regex.compile(r"(?<!\()[*+]|\{\d*,(?:\d\d+)?\}")
_MOST_OPEN_ENDED, _SHORT_LINE = 3, 300

# How a phrase must stand in its line. NEAR licenses a pattern; MATCHED marks what a pattern or detector found.
KINDS = ("label", "line", "ending", "within", "near")
LABEL, LINE, ENDING, WITHIN, NEAR, MATCHED = range(6)


class LinePattern:
    """Patterns as one, anchored as the action says: prefix and field at the start, suffix at the end, span not, else both."""

    def __init__(self, sources: Sequence[str], action: str) -> None:
        every = "|".join(_scoped(source) for source in sources)
        pattern = regex.compile(rf"(?:{every})\Z" if action == "suffix" else every)
        self.group = "value" if action == "field" and "value" in pattern.groupindex else 0
        anchors = {"prefix": pattern.match, "field": pattern.match, "span": pattern.search, "suffix": pattern.search}
        self._match = anchors.get(action, pattern.fullmatch)
        self._may_run_away = any(
            _REPEATED_GROUP.search(source) or len(_OPEN_ENDED.findall(source)) > _MOST_OPEN_ENDED for source in sources
        )

    def match(self, line: str, limit: float = TIME_LIMIT) -> Any:
        """The match in a line, or None. Raises TimeoutError after `limit` seconds."""
        timed = self._may_run_away or len(line) > _SHORT_LINE
        return self._match(line, timeout=limit) if timed else self._match(line)


def _scoped(source: str) -> str:
    """A pattern as a group whose flag, (?i) at its start, holds for itself alone."""
    return f"(?i:{source[4:]})" if source.startswith("(?i)") else f"(?:{source})"


@dataclass(frozen=True, eq=False)
class CompiledRules:
    """What the kernels need of a RuleBook; the same book gives the same arrays in every process."""

    book: RuleBook

    def __post_init__(self) -> None:
        """Remember what was asked before, in caches of this book's own: one on the class would keep every book ever compiled."""
        for name, most in (("_search", 64), ("active", 4096), ("pattern", None)):
            self.__dict__[name] = functools.lru_cache(most)(getattr(self, name))

    @cached_property
    def table(self) -> npt.NDArray[np.int64]:
        """int64 [rules, RULE_WIDTH]."""
        return np.array([_row(rule) for rule in self.book.rules], np.int64).reshape(-1, RULE_WIDTH)

    @cached_property
    def _phrases(self) -> list[tuple[int, int, str, list[int]]]:
        """Rule, kind, text and word hashes of each phrase."""
        phrases = [
            (number, kind, phrase)
            for number, rule in enumerate(self.book.rules)
            for kind, key in enumerate(KINDS)
            for phrase in getattr(rule, key)
            if has_word(phrase)
        ]
        paths = hash_words(TextColumn.from_texts(phrase for _, _, phrase in phrases))
        return [(*phrase, path) for phrase, path in zip(phrases, paths, strict=True)]

    @cached_property
    def trie(self) -> tuple[npt.NDArray[Any], ...]:
        """The phrases of all rules: (edges, children, first, ends) of `kernels.lines.scan`."""
        node_of: dict[tuple[int, int], int] = {}
        ends: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        for number, kind, phrase, path in self._phrases:
            node = 0
            for word in path:
                node = node_of.setdefault((node, word), len(node_of) + 1)
            ends[node].append((number, kind, _edge(phrase), _edge(reversed(phrase)) or _forbidden(kind, path)))
        edges, children = hash_table(
            edge_keys(
                np.array([node for node, _ in node_of], np.int64), np.array([word for _, word in node_of], np.uint64)
            ),
            np.fromiter(node_of.values(), np.int64, len(node_of)),
        )
        counts = [len(ends[node]) for node in range(len(node_of) + 1)]
        flat = [end for node in range(len(node_of) + 1) for end in ends[node]]
        first = np.concatenate(([0], np.cumsum(counts)))
        return edges, children, first, np.array(flat, np.int64).reshape(-1, 4)

    @cached_property
    def _first_words(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """Of each phrase: the bucket of its first word, its rule, and where in a line it may begin."""
        places = {LABEL: AT_START, LINE: AT_START}
        return (
            np.array([path[0] >> 48 for *_, path in self._phrases], np.int64),
            np.array([number for number, *_ in self._phrases], np.int64),
            np.array([places.get(kind, ANYWHERE) for _, kind, *_ in self._phrases], np.uint8),
        )

    def search(self, active: npt.NDArray[np.uint8]) -> tuple[tuple[npt.NDArray[Any], ...], npt.NDArray[np.uint8]]:
        """The trie and the word filters with which `kernels.lines.scan` looks for the phrases of active rules.

        active: uint8 [profiles, rules]. The filters, uint8 [profiles, 65536], tell by the top bits of its hash where a word
        may begin a phrase. Packs of other languages cost nothing this way: their words do not pass, and where they share a
        phrase (`Facebook`, `Email`) their ends are gone from the trie.
        """
        return self._search(active.tobytes(), len(active))

    def _search(
        self, encoded: bytes, profiles: int
    ) -> tuple[tuple[npt.NDArray[Any], ...], npt.NDArray[np.uint8]]:
        active = np.frombuffer(encoded, np.uint8).reshape(profiles, len(self.book.rules))
        edges, children, first, ends = self.trie
        used = active[:, ends[:, 0]].any(axis=0)
        trie = edges, children, np.concatenate(([0], np.cumsum(used)))[first], ends[used]
        buckets, rule, place = self._first_words
        filters = np.zeros((profiles, 1 << 16), np.uint8)
        for row, use in zip(filters, active, strict=True):
            begins = use[rule] > 0
            np.maximum.at(row, buckets[begins], place[begins])
        return trie, filters

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(rule.name for rule in self.book.rules)

    def active(self, language: str, site_scope: str) -> npt.NDArray[np.uint8]:
        """uint8 [rules]: which rules apply to documents of this language and site."""
        return np.array(self.book.active(language, site_scope), np.uint8)

    def pattern(self, rule: int) -> LinePattern:
        """The compiled patterns of a rule, made when first asked for: most rules of most packs never are."""
        told = self.book.rules[rule]
        return LinePattern(told.pattern, told.action)

    @cached_property
    def symbols(self) -> tuple[npt.NDArray[Any], ...]:
        """What licenses a pattern without being a phrase, such as '©', as `kernels.lines.scan` takes it."""
        wanted = [(n, s.encode()) for n, rule in enumerate(self.book.rules) for s in rule.near if not has_word(s)]
        longest = max((len(symbol) for _, symbol in wanted), default=1)
        strings = np.array([list(symbol.ljust(longest, b"\0")) for _, symbol in wanted], np.uint8).reshape(-1, longest)
        begins = np.zeros(256, np.bool_)
        begins[strings[:, 0]] = True
        lengths = np.array([len(symbol) for _, symbol in wanted], np.int64)
        return np.array([(rule, NEAR) for rule, _ in wanted], np.int64).reshape(-1, 2), strings, lengths, begins

    @cached_property
    def shaped(self) -> tuple[int, ...]:
        """The numbers of the rules whose patterns run on the shape of a line alone."""
        return tuple(n for n, rule in enumerate(self.book.rules) if rule.pattern and not rule.near)

    @cached_property
    def longest_shape(self) -> int:
        return max(self.book.rules[n].max for n in self.shaped)

    @cached_property
    def detectors(self) -> dict[str, list[int]]:
        """The numbers of the rules that use each detector."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(self.book.rules):
            if rule.detect:
                found[rule.detect].append(number)
        return dict(found)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages that documents can be recognised as, at most 62."""
        return tuple(name for name in self.book.languages if self.book.packs[f"lang/{name}"].words)

    @cached_property
    def date_bits(self) -> dict[str, int]:
        """For each language the languages whose date words count in it: English dates stand on pages of every one."""
        bits = {name: 1 << bit for bit, name in enumerate(self.languages)}
        english = bits.get("en", 0)
        return {"": english, **{name: bit | english for name, bit in bits.items()}}

    def _language_words(self, key: str) -> dict[int, list[int]]:
        """For each word of the language packs, by hash, the languages (by their place in `languages`) that list it."""
        found: dict[int, list[int]] = defaultdict(list)
        for number, name in enumerate(self.languages):
            for path in hash_words(TextColumn.from_texts(getattr(self.book.packs[f"lang/{name}"], key))):
                for word in path:
                    if number not in found[word | 1]:
                        found[word | 1].append(number)
        return found

    @cached_property
    def _function_words(self) -> tuple[npt.NDArray[Any], ...]:
        """The function words, as `kernels.words.language_votes` takes them."""
        words = self._language_words("words")
        counts = [len(members) for members in words.values()]
        return (
            *hash_table(np.fromiter(words, np.uint64, len(words)), np.arange(len(words))),
            np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            np.array([number for members in words.values() for number in members], np.int64),
        )

    @cached_property
    def date_words(self) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """A table from word hash to the set of languages (bits by `languages`) in whose dates it occurs."""
        words = self._language_words("dates")
        masks = [sum(1 << number for number in members) for members in words.values()]
        return hash_table(np.fromiter(words, np.uint64, len(words)), np.array(masks, np.int64))

    def detect_languages(self, texts: TextColumn, rows: npt.NDArray[np.int64] | None = None) -> list[str]:
        """The language of each text, or of those in `rows`, by its function words; '' where too few of them occur to tell."""
        rows = np.arange(len(texts)) if rows is None else rows
        votes = np.zeros((len(rows), len(self.languages) + 1))
        language_votes(texts.data, texts.offsets, rows, fold_table(), self._function_words, votes)
        words, votes[:, -1] = votes[:, -1].copy(), 0
        best = votes.argmax(axis=1)
        sure = votes[np.arange(len(rows)), best] >= np.maximum(_FUNCTION_WORDS, _FUNCTION_WORD_SHARE * words)
        names = (*self.languages, "")
        return [names[n] for n in np.where(sure, best, -1).tolist()]


def hash_words(texts: TextColumn) -> list[list[int]]:
    """The word hashes of each text, as the scan computes them."""
    hashes, counts = word_hashes(texts.data, texts.offsets, fold_table())
    bounds = np.concatenate(([0], np.cumsum(counts))).tolist()
    flat = hashes.tolist()
    return [flat[start:end] for start, end in itertools.pairwise(bounds)]


def hash_table(keys: npt.NDArray[Any], values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """An open-addressing table of distinct non-zero keys, at most half full."""
    slots = 1 << max(4, (2 * len(keys)).bit_length())
    table, held = np.zeros(slots, np.uint64), np.zeros(slots, np.int64)
    fill_table(table, held, keys, values)
    return table, held


def _row(rule: Rule) -> Sequence[int]:
    return (
        ACTION_NUMBER[rule.action], CLASS_NUMBER[rule.cls], VALUE_NUMBER[rule.value],
        sum(ZONE_BIT[zone] for zone in rule.zone), rule.max, rule.min, rule.digits, rule.after,
        FOLLOW_NUMBER.get(rule.follow, -1), rule.most,
    )  # fmt: skip


def _forbidden(kind: int, path: list[int]) -> int:
    """What may not follow: one word with a full stop is no menu entry but the end of a sentence, in text wrapped by width."""
    return -STOP if kind == LINE and len(path) == 1 else 0


def _edge(chars: Iterable[str]) -> int:
    """The class of the punctuation written beside a phrase's outer word: what the text must show there, 0 for nothing."""
    nearest = 0
    for char in chars:
        if is_word(char):
            break
        number = punctuation_class(char)
        if number and number != BLANK:
            nearest = number
    return nearest
