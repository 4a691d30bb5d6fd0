"""Values into one HTML file that loads nothing and lets nothing in.

Owns: the templates' environment, how figures are written, the page's policy. Must not know: what a page says. Whatever a
template prints is made visible and escaped here, once for all: no template has to remember it.
"""

from __future__ import annotations

import functools
from base64 import b64encode
from hashlib import sha256
from importlib import resources
from math import isnan
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from newsclean.marked import short, stylesheet, visible


def render(template: str, **values: Any) -> str:
    """The page of a template.

    Its Content-Security-Policy allows this very style sheet and script, by their hashes, and nothing else: no request, no frame,
    no form, no event handler or style attribute, should one ever get past the escaping.
    """
    style, script = look(), _own("report.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = environment("newsclean.report").get_template(template)
    return page.render(style=Markup(style), script=Markup(script), policy=policy, **values)


def look() -> str:
    """The style sheet of our pages."""
    return stylesheet() + _own("report.css")


@functools.cache
def environment(package: str) -> Environment:
    """What renders the templates of a package: everything they print is made visible and escaped."""
    made = Environment(
        loader=PackageLoader(package), autoescape=True, finalize=_finalize, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(number=_number, percent=_percent, signed=_signed, delay=delay, short=short, link=_link)
    return made


def _finalize(value: Any) -> Any:
    return "" if value is None else value if isinstance(value, Markup) else visible(value)


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _signed(value: float) -> str:
    return f"{value:+,.0f}" if value else "0"


def _percent(part: float, whole: float) -> str:
    share = 100 * part / whole if whole else 0.0
    return f"{share:.1f} %" if share >= 0.05 or not part else "< 0.1 %"


def delay(days: float | None) -> str:
    """A length of time for people.

    >>> delay(0.5 / 24), delay(0.2), delay(3.25), delay(0), delay(None)
    ('30 min', '4 h 48 min', '3.2 days', 'same time', '')
    """
    if days is None or isnan(days):
        return ""
    minutes = round(days * 1440)
    if minutes < 1:
        return "same time"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if days < 2 else f"{days:.1f} days"


def _link(url: object) -> str:
    """An address that may stand in a link; '' for any that is not of the web."""
    told = str(url or "")
    return told if told.startswith(("https://", "http://")) and len(told) < 500 else ""


@functools.cache
def _own(name: str) -> str:
    return resources.files("newsclean.report").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
