"""What a page is called and where it stands in its site: headline and section.

Owns: telling a headline from a first sentence, and the parts of a path such as `Home › World › Asia`. Must not know: rules,
how lines were found.
"""

from __future__ import annotations

import re

from newsclean.fold import fold

_LONGEST_TITLE, _LONGEST_SECTION = 170, 40
_PROSE, _LONG = 40, 200  # characters of a line that ends a sentence, and of one that need not
_ENDS = (".", "!", "?", "؟", "۔", "।", "。", "！", "？", "…", '."', ".”", ".»", "。」")
_NO_TITLE_ENDS = (*".:：،,;؛-–—۔।。…",)  # a question or an exclamation may be a headline
_STEP = re.compile(r"\s*(?:[›»>|/]|::)\s*")
_LABEL = re.compile(r"[^:：]{2,25}[:：](?!:)\s*")
_HOME_NAMES = (
    "home,homepage,start,startseite,accueil,inicio,portada,início,capa,home page,forsiden,hem,etusivu,strona główna,"
    "úvod,acasă,címlap,kezdőlap,главная,головна,начало,αρχική,anasayfa,ana sayfa,ana səhifə,beranda,utama,trang chủ,"
    "الرئيسية,الصفحة الرئيسية,خانه,صفحه اصلی,صفحه نخست,ہوم,דף הבית,होम,প্রচ্ছদ,หน้าแรก,首页,首頁,ホーム,トップ,홈,mwanzo"
)
_HOME = frozenset(map(fold, _HOME_NAMES.split(",")))
_WIDE = re.compile("[\u2e80-\U0010ffff]")  # characters that say as much as two or three letters


def read_title(text: str) -> str | None:
    """The headline of a cleaned text: its first line, if that reads like one and a paragraph of prose follows.

    Where other short lines stand between, one of them may be the headline as well, so none is told.

    >>> read_title("Old market to close\\nThe council voted on Monday to close the old fish market before the year is out.")
    'Old market to close'
    >>> read_title("The council voted to close the market.\\nIt said so.") is None
    True
    """
    first, _, rest = text.partition("\n")
    title, below = first.strip(), rest.lstrip().partition("\n")[0].rstrip()
    return title if _reads_like_title(title) and _is_prose(below) else None


def _reads_like_title(line: str) -> bool:
    if len(line) > _LONGEST_TITLE or line.endswith(_NO_TITLE_ENDS):
        return False
    wide = len(_WIDE.findall(line))
    return len(line.split()) + wide // 2 >= 2 and len(line) + wide <= _LONGEST_TITLE


def _is_prose(line: str) -> bool:
    if len(line) >= _LONG:
        return True
    size = len(line) + len(_WIDE.findall(line))
    return size >= _LONG or (size >= _PROSE and line.endswith(_ENDS))


def read_section(line: str) -> str | None:
    """The section that a path or a labelled line names, without the home page before it and the headline behind it.

    >>> read_section("Home › World › Asia"), read_section("Section: Harbour")
    ('World › Asia', 'Harbour')
    """
    parts = [part.strip(" .:：") for part in _STEP.split(_LABEL.sub("", line.strip(), count=1))]
    while parts and (not parts[0] or fold(parts[0]) in _HOME):
        del parts[0]
    path: list[str] = []
    for part in parts:
        if not part or len(part) > _LONGEST_SECTION:
            break
        path.append(part)
    return " › ".join(path) if any(char.isalpha() for part in path for char in part) else None
