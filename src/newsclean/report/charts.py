"""Charts as SVG that takes its colours and type from the page.

Owns: how pygal is asked, and what of its output a page under a strict policy can hold. Must not know: what is charted. Labels are
the report's own words, never an article's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

_SVG = "{http://www.w3.org/2000/svg}"
_WIDTH, _HEIGHT = 400, 210  # drawn for a phone; a wide screen scales it up
ElementTree.register_namespace("", _SVG[1:-1])


def bars(title: str, labels: Sequence[str], values: Sequence[int]) -> Markup:
    """One bar for each label."""
    import pygal

    chart = pygal.Bar(x_labels=list(labels), **_settings(title))
    chart.add("", list(values))
    return _svg(chart, title)


def histogram(title: str, counts: Sequence[int], threshold: float) -> Markup:
    """Counts in bins of equal width from 0 to 1, with a line at the threshold."""
    import pygal

    n = len(counts)
    chart = pygal.Histogram(xrange=(0, 1), x_labels=[k / 5 for k in range(6)], **_settings(title))
    chart.add("", [(count, k / n, (k + 1) / n) for k, count in enumerate(counts)])
    chart.add("", [(max(*counts, 1), threshold - 0.003, threshold + 0.003)])
    return _svg(chart, f"{title}; threshold {threshold:g}")


def _settings(title: str) -> dict[str, Any]:
    """Without scripts and styles: `report.css` has the styles of pygal's classes, and the policy lets no other in."""
    return {
        "title": None, "css": (), "js": (), "show_legend": False, "width": _WIDTH, "height": _HEIGHT, "margin": 6,
        "no_prefix": True, "explicit_size": False, "show_y_guides": True, "include_x_axis": True, "min_scale": 3,
        "max_scale": 6, "truncate_label": -1, "value_formatter": lambda value: f"{value:,.0f}",
    }  # fmt: skip


def _wanted(part: Any) -> bool:
    """Whether to keep a part: scripts, styles, comments and what only pygal's script shows can go."""
    unseen = not isinstance(part.tag, str) or part.tag.removeprefix(_SVG) in ("defs", "title", "desc")
    return not unseen and "overlay" not in part.get("class", "")


def _svg(chart: Any, title: str) -> Markup:
    tree = chart.render_tree()
    for parent in list(tree.iter()):
        for child in [child for child in parent if not _wanted(child)]:
            parent.remove(child)
    tree.set("role", "img")
    tree.set("aria-label", title)
    tree.attrib.pop("id", None)
    return Markup(ElementTree.tostring(tree, encoding="unicode"))
