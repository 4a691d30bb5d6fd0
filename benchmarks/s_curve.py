#!/usr/bin/env python3
"""Draw the S-curves of src/newsclean/docs/dedup-settings.md: how alike two texts must be to meet in a band.

    python benchmarks/s_curve.py

The chance of meeting in one band or more at Jaccard index J is 1 - (1 - J ** rows) ** bands (Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", 3.4.2). No measurement is needed; tests/test_docs.py holds the picture to the default settings.
"""

from __future__ import annotations

from pathlib import Path

from datasketch import MinHashLSH

from newsclean import DedupSettings

PICTURE = Path(__file__).parents[1] / "src" / "newsclean" / "docs" / "s-curve.svg"
LEFT, TOP, WIDTH, HEIGHT = 52, 16, 400, 240
# Colours that can be told apart on white and on black, also by those who see no red or green.
CURVES = ("#2b7fd0", "#8f6fd8", "#c9851a", "#8a8f98")
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #5b6069 }
path { fill: none; stroke-width: 2.5 } .grid { stroke: #8a8f98; stroke-width: .4 }
@media (prefers-color-scheme: dark) { text { fill: #a4a9b3 } }
"""


def bands() -> list[tuple[str, int, int]]:
    """Name, bands and rows of each curve."""
    ours = DedupSettings()
    others = [(threshold, MinHashLSH(threshold=threshold, num_perm=ours.permutations)) for threshold in (0.5, 0.8)]
    return [
        ("newsclean, whole text", *ours.bands),
        ("newsclean, lead", *ours.lead_bands),
        *((f"datasketch, threshold {threshold}", lsh.b, lsh.r) for threshold, lsh in others),
    ]


def chance(jaccard: float, bands: int, rows: int) -> float:
    return 1 - (1 - jaccard**rows) ** bands


def picture() -> str:
    """The curves as SVG, for light and dark pages."""
    parts = []
    for tenth in range(0, 11, 2):
        x, y = LEFT + WIDTH * tenth / 10, TOP + HEIGHT * (1 - tenth / 10)
        parts.append(f'<path class="grid" d="M{x:g} {TOP}V{TOP + HEIGHT}M{LEFT} {y:g}H{LEFT + WIDTH}"/>')
        parts.append(f'<text x="{x:g}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{tenth / 10:g}</text>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:g}" text-anchor="end">{10 * tenth} %</text>')
    for n, ((name, count, rows), colour) in enumerate(zip(bands(), CURVES, strict=True)):
        points = (
            f"{LEFT + WIDTH * i / 100:g} {TOP + HEIGHT * (1 - chance(i / 100, count, rows)):.1f}" for i in range(101)
        )
        parts.append(f'<path stroke="{colour}" d="M{"L".join(points)}"/>')
        x, y = LEFT + WIDTH + 16, TOP + 24 + 24 * n
        parts.append(f'<path stroke="{colour}" d="M{x} {y - 4}h18"/>')
        parts.append(f'<text x="{x + 26}" y="{y}">{name}: {count} bands of {rows}</text>')
    axis = f'<text x="{LEFT + WIDTH / 2:g}" y="{TOP + HEIGHT + 38}" text-anchor="middle">Jaccard index of two texts</text>'
    size = f"{LEFT + WIDTH + 290} {TOP + HEIGHT + 48}"
    title = "The chance that two texts become candidates, by their Jaccard index"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="{title}">'
    return "\n".join([head, f"<title>{title}</title>", f"<style>{STYLE}</style>", *parts, axis, "</svg>"]) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
