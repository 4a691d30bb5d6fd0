"""The rule file that an author begins with.

Owns: the templates and the names they may have. Must not know: how rules are matched. What a template says is true:
it loads and passes `newsclean rules check` as it is.
"""

from __future__ import annotations

import re
from pathlib import Path

from newsclean.errors import UsageError

# kind -> (what a name looks like, how to say so)
_NAMES = {
    "lang": (r"[a-z]{2,3}", "a language code of two or three small letters, such as 'sr'"),
    "site": (r"[a-z0-9-]+(\.[a-z0-9-]+)+", "a host in small letters without 'www.', such as 'example.org'"),
    "wire": (r"[a-z0-9-]+", "small letters, digits and hyphens, such as 'reuters'"),
}

_TOP = """\
# {title}
#
# Every key is told in the README.md of the packaged rules. `newsclean rules check {folder}` tries all examples.
# The rules below are examples: put the words of your pages in their place, and delete what you don't need.
"""

_LANGUAGE = """
[language]
words = []    # 30 to 60 of the commonest function words: how documents in this language are recognised
dates = []    # what a date line is made of: months, weekdays, am and pm, "updated", "ago"
"""

_LABEL = """
[[rule]]
id    = "example-label"                    # reported as {scope}:example-label
class = "tags"                             # what it is: source, related, byline, caption, share, chrome ...
why   = "the list of tags below the story"
label = ['Example tags:']                  # at the start of a line; the rest of the line is its value
value = "any"                              # none | short | any
zone  = "tail"                             # head | body | tail, or a list of these; anywhere without this key
drop  = ['Example tags: harbour, ferry, storm']
keep  = ['Example tags were sewn into the coats of the crew, the inspector said on Monday.']
"""

_LINE = """
[[rule]]
id    = "example-line"
class = "chrome"
why   = "a button between the paragraphs"
line  = ['Open the example menu']          # the whole line, in any case, whatever its accents
drop  = ['Open the example menu']
keep  = ['Open the example menu, the waiter said, and you will find three kinds of fish.']
"""

_SIGN_OFF = """
[[rule]]
id     = "example-sign-off"
class  = "source"
why    = "the agency's name behind the last full stop"
ending = ['(Example Wire)']                # at the end of a line; the brackets must be there
zone   = "tail"
action = "suffix"                          # only the match goes, the paragraph stays
drop   = ['The harbour opens again on Monday. ⟦(Example Wire)⟧']
keep   = ['Shares of the agency (Example Wire) fell by three per cent on Monday, it said.']
"""

_BODIES = {"lang": _LANGUAGE + _LABEL + _LINE, "site": _LINE + _LABEL, "wire": _SIGN_OFF}
_TITLES = {
    "lang": "Documents in the language {name}",
    "site": "Documents of {name} and its subdomains",
    "wire": "What the agency {name} prints around its stories, on pages of every outlet",
}


def title(kind: str, name: str) -> str:
    """What such a file holds, for its first line."""
    return _TITLES[kind].format(name=name)


def new_rules(kind: str, name: str, folder: Path) -> Path:
    """Write a commented template for a rule file, and say where.

    kind: lang, site or wire. Raises UsageError for a name that cannot be one, and for a file that exists.
    """
    shape, told = _NAMES[kind]
    if not re.fullmatch(shape, name):
        raise UsageError(f"{name!r} is no name for a file of {kind} rules: {told}")
    path = folder / kind / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _TOP.format(title=title(kind, name), folder=folder) + _BODIES[kind].format(
        scope=f"{kind}/{name}"
    )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path}: exists already") from None
    return path
