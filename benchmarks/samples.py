"""What is measured: a dump of the user's, or as much text of our own as asked for, and ten times as many rules.

Our own text is generated from the articles of tests/samples: each document keeps the furniture lines of one article,
and its story is written anew from the words of all articles of that language. So lines, furniture and word lengths
are those of real pages in the small, but the vocabulary is poorer than a real dump's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from newsclean import Document, load_rules
from newsclean.formats import FieldNames, find_sources, parse, read_blocks

ARTICLES = Path(__file__).parent.parent / "tests" / "samples"
COPIES = 0.2  # this share of generated documents carries a story that an earlier one carried
_MOST_WORDS = 400  # of a story
_PHRASES = ("label", "line", "ending", "within", "near")


def read_dump(path: Path, megabytes: float) -> list[Document]:
    """The first documents of a dump, in any format that newsclean reads, up to so many MB of text."""
    documents, size = [], 0
    fields = FieldNames()
    for block in read_blocks(find_sources([path]), fields):
        for document in parse(block, fields).documents:
            documents.append(document)
            size += len(document.text.encode())
            if size > megabytes * 1e6:
                return documents
    return documents


def write_dump(documents: Sequence[Document], path: Path) -> Path:
    """As JSONL, without what was not known of a document."""
    told = ("id", "text", "url", "site", "language", "published", "title", "source")
    records = ({name: getattr(d, name) for name in told if getattr(d, name) or name == "text"} for d in documents)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def generate(megabytes: float, seed: int = 1) -> list[Document]:
    """Text of our own (see above), the same in every process. Languages are not told, as dumps often don't know them."""
    draw = random.Random(seed)
    articles = _articles()
    words = {
        language: [w for a in articles if a["language"] == language for line in a["story"] for w in line.split()]
        for language in {a["language"] for a in articles}
    }
    stories: dict[str, list[list[str]]] = {language: [] for language in words}
    documents: list[Document] = []
    size = 0.0
    while size < megabytes * 1e6:
        article = draw.choice(articles)
        earlier = stories[article["language"]]
        if earlier and draw.random() < COPIES:
            story = draw.choice(earlier)
        else:
            story = _story(draw, words[article["language"]])
            earlier.append(story)
        text = _page(article, story)
        documents.append(Document(text, id=f"{article['id']}-{len(documents)}", published=article["published"]))
        size += len(text.encode())
    return documents


def _articles() -> list[dict[str, Any]]:
    """The samples; `page` holds the furniture lines, with None where a line of the story stood."""
    found = []
    for path in sorted(ARTICLES.glob("*.expected.txt")):
        raw = path.with_name(path.name.replace(".expected", "")).read_text(encoding="utf-8").split("\n")
        story = {line for line in path.read_text(encoding="utf-8").split("\n") if len(line) > 80}
        name = path.name.removesuffix(".expected.txt")
        page = [None if line in story else line for line in raw]
        found.append(
            {"id": name, "language": name[:2], "story": sorted(story), "page": page, "published": "2024-04-07"}
        )
    return [article for article in found if article["story"]]


def _story(draw: random.Random, words: list[str]) -> list[str]:
    """Paragraphs of 30 to 60 words, 150 to 400 words in all."""
    left, paragraphs = draw.randint(150, _MOST_WORDS), []
    while left > 0:
        count = draw.randint(30, 60)
        paragraphs.append(" ".join(draw.choices(words, k=count)).rstrip(".،,؛؟") + ".")
        left -= count
    return paragraphs


def _page(article: dict[str, Any], story: list[str]) -> str:
    lines: list[str] = []
    put = False
    for line in article["page"]:
        if line is not None:
            lines.append(line)
        elif not put:
            lines.extend(story)
            put = True
    return "\n".join(lines)


def write_more_rules(folder: Path, times: int = 10) -> Path:
    """A folder of rules that, laid over the packaged ones, makes `times` as many phrases.

    Each clone of a rule keeps its conditions and every word of its phrases but the last, which becomes a word that no
    text holds: the search follows it as far as it can. Rules without phrases (a few detectors and shapes) are not cloned.
    """
    for scope, pack in load_rules().packs.items():
        rules = [rule for rule in pack.rules if any(getattr(rule, key) for key in _PHRASES)]
        toml = "".join(_toml(rule, number) for rule in rules for number in range(1, times))
        path = folder / f"{scope}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml, encoding="utf-8")
    return folder


def _toml(rule: Any, number: int) -> str:
    keys = dict(_settings(rule))
    keys.update({key: [_unheard(p, number) for p in getattr(rule, key)] for key in _PHRASES if getattr(rule, key)})
    keys.update(id=f"{rule.id}-{number}", why="a clone, for the benchmark", drop=["x"], keep=["y"])
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items())
    return "[[rule]]\n" + "\n".join(lines) + "\n\n"


def _settings(rule: Any) -> Iterator[tuple[str, Any]]:
    yield "class", rule.cls
    blank = type(rule)(rule.scope, rule.id, rule.cls, rule.why)
    for key in ("pattern", "value", "zone", "max", "min", "digits", "after", "action", "follow", "most"):
        value = getattr(rule, key)
        told = key != "most" or rule.follow in ("tags", "titles", "story")
        if told and value != getattr(blank, key):
            yield key, list(value) if isinstance(value, tuple) else value


def _unheard(phrase: str, number: int) -> str:
    """A phrase like this one that no text holds: its last word, or its symbol, goes on in a letter of no news."""
    return f"{phrase}ꙮ{number}"
