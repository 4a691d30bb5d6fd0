#!/usr/bin/env python3
"""Write benchmarks/README.md, and the table of the README, from what was measured: benchmarks/results/*.json and floors.toml.

No figure is typed by hand.

python benchmarks/measure.py && python benchmarks/scores.py --peers && python benchmarks/render.py
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIGURES = ("exact", "f1", "chars_lost", "body_lost", "other_left", "must_stay", "must_go", "false_pairs")
PEERS = ("c4", "justext")
DEDUP_PEERS = (
    "datasketch, 5 words, t = 0.5", "datasketch, 5 words, t = 0.8", "text-dedup, defaults", "datatrove, defaults",
)  # fmt: skip
CLEAN_SETS = ("control_antcorpus_ar", "control_derstandard_de")
COPY_SETS = ("reuters21578-dup", "saudinews-ar", "impresso-fr-passim")
DEDUP_SETS = ("bbc-updates", "reuters21578-dup", "saudinews-ar", "impresso-fr-passim", "masakhane-templates")
# What was promised: (words in a row's title, what of the row, target, larger is better).
TARGETS = {
    "cleaning, all packs, seeds": ("MB/s", 60),
    "cleaning, ten times": ("ratio", 1.3),
    "rensa": ("ratio", 5),
    "datasketch": ("ratio", 15),
    "newsclean run": ("MB/s", 25),
}

OPENING = """\
# Benchmarks

This page is written by `python benchmarks/render.py` from `benchmarks/results/`; don't edit it.

```console
$ pip install -e '.[dev,bench]'
$ pytest benchmarks                                   # every stage by pytest-benchmark; --dump PATH for a dump of your own
$ python benchmarks/measure.py [--dump PATH]          # the same stages and their peers, taking turns: the tables below
$ NUMBA_CPU_NAME=generic python benchmarks/measure.py # the same without AVX-512
$ python benchmarks/scale.py                          # a million copies of one template; memory for each document
$ python benchmarks/scale.py --runs 10000000 --folder DIR --compress  # a whole run of ten million stories; 65 GB of disk
$ python benchmarks/profiled.py                       # where the time of a run goes, part by part
$ python benchmarks/pipelines.py --peers-python PATH  # near-duplicates from text on, beside four others
$ python benchmarks/resumed.py                        # 20 kills, resumed; 1 and 4 workers; status 1 where a byte differs
$ python benchmarks/same_ids.py DUMP --save           # one dump as .gz, .zst, Parquet, WARC and WET; status 1 where ids differ
$ python benchmarks/scores.py --peers                 # accuracy on the labelled sets of ../shared, if you have them
$ python benchmarks/ablation.py                       # near-duplicates with each criterion left out
$ python benchmarks/bands.py                          # candidate recall and cost; status 1 where recall falls short
$ python benchmarks/hostile.py                        # input made to hurt; status 1 where memory or time has no bound
$ python benchmarks/scores.py --check                 # status 1 where a figure is below benchmarks/floors.toml
$ python benchmarks/index.py --documents 10000000 --save  # the index with a large archive, 36 GB of disk; again with --undated
$ python benchmarks/render.py
```
"""


ROOT = HERE.parent
START, END = "<!-- written by benchmarks/render.py -->\n", "<!-- to here -->"


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    parts = [
        OPENING, *_targets(), *_speed(_read("speed.json")), *_index(_read("index.json")), *_scale(_read("scale.json")),
        *_accuracy(_read("scores.json")), *_duplicates(_read("scores.json"), _read("ablation.json")),
        *_bands(_read("bands.json")), *_hostile(_read("hostile.json")),
    ]  # fmt: skip
    (HERE / "README.md").write_text("\n".join(parts), encoding="utf-8")


def _read(name: str) -> dict[str, Any]:
    path = HERE / "results" / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def pages() -> dict[Path, str]:
    """The pages that hold a table of figures, with these as they were measured last."""
    headlines = _table(["", "newsclean", "beside it"], _headlines(_read("scores.json")))
    tables = {ROOT / "README.md": headlines, ROOT / "src/newsclean/docs/dedup-settings.md": _band_table(_read("bands.json"))}
    made = {}
    for path, table in tables.items():
        before, rest = path.read_text(encoding="utf-8").split(START)
        made[path] = before + START + table + END + rest.split(END)[1]
    return made


def _headlines(scores: dict[str, Any]) -> Iterator[list[str]]:
    """The rows of the table in the README."""

    def told(figure: str, names: Sequence[str], tool: str = "newsclean") -> str:
        values = [scores[tool][name][figure] for name in names]
        if figure == "chars_lost":
            return ", ".join(f"{100 * value:.{2 if value < 0.01 else 0}f} %" for value in values)
        return " / ".join(f"{value:.2f}".removeprefix("0") for value in values)

    def beside(figure: str, *names: str) -> list[str]:
        return [told(figure, names), f"C4 line rule {told(figure, names, 'c4')}; jusText {told(figure, names, 'justext')}"]

    yield ["whole pages in 5 languages, body found (character F1)", *beside("f1", "manual_multi")]
    yield ["English news pages (character F1)", *beside("f1", "l3s_googlenews")]
    yield ["clean Arabic and German articles, characters lost", *beside("chars_lost", *CLEAN_SETS)]
    plain = f"datasketch, 5 words, t=.5: {told('f1', COPY_SETS, DEDUP_PEERS[0])}"
    yield ["copies among Reuters 1987 / Arabic papers / French OCR (pair F1)", told("f1", COPY_SETS), plain]
    signing = {row["name"].split()[0]: row.get("ratio") for group in _read("speed.json")["groups"] for row in group["rows"]}
    slower = f"rensa takes {signing['rensa']:.0f} times as long, datasketch {signing['datasketch']:.0f}"
    yield ["text to signatures, one thread", "1", slower]
    index = _read("index.json")["dated"]
    query, memory = index["one query, median, ms"], index["a reader's own memory, MB"]
    yield [f"one document against an index of {index['documents']:,}, on disk", f"{query:.0f} ms, and {memory} MB of memory", ""]


def _targets() -> Iterator[str]:
    import targets

    machine, told = _read("speed.json")["machine"], _read("profile.json")
    yield (
        f"## Large dumps: what was asked, what was reached\n\nOn {machine['cores']} cores of {machine['cpu']}; each by a command "
        "of this folder, whose own table below says when and from what.\n"
    )
    yield _table(["", "target", "reached", "by"], targets.rows(_read))
    if told:
        machine = told["machine"]
        yield (
            f"### Where the time of a run goes\n\nBy `profiled.py`, {machine['date']}, load {machine['load']}: one process, "
            f"{told['documents']:,} documents of {told['dump']}, {told['seconds']:g} s of processor time. What falls short of "
            "its target above falls short by this.\n"
        )
        yield _table(["", "us a document", "share", "MB/s of it alone"], targets.profile_rows(told))


def _speed(told: dict[str, Any]) -> Iterator[str]:
    if not told:
        return
    machine, text = told["machine"], told["text"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    yield (
        f"## Speed\n\nMeasured {machine['date']} on {machine['cores']} cores of {machine['cpu']} ({machine['system']}, Python "
        f"{machine['python']}; {versions}), load {machine['load']} when it ended. Text: {text['from']}, {text['MB']} MB in "
        f"{text['documents']:,} documents. Contenders take turns in one process; processor time, medians of rounds; a ratio is "
        "the median within rounds, of a contender's time to that of the first row. Whole runs are processes of their own, by "
        "the clock. Other machines give other MB/s: compare ratios.\n"
    )
    for group in told["groups"]:
        rows = [[row["name"], *_row(row), _target(row)] for row in group["rows"]]
        yield f"### {group['title']}\n"
        yield _table(["", "MB/s", "best", "time, ratio", "target"], rows)


def _index(told: dict[str, Any]) -> Iterator[str]:
    if not told:
        return
    machine = told["machine"]
    yield (
        f"### The index with a large archive\n\nMeasured {machine['date']}, load {machine['load']} when it ended. Made-up news, "
        "a tenth of it edited copies of the day before. Dated: 10,000 documents a day and a window of two days. Undated: no "
        "dates and no window, so all of the archive is in reach of every document.\n"
    )
    kinds = [kind for kind in ("dated", "undated") if kind in told]
    rows = [[name, *(f"{told[kind][name]:,}" if name in told[kind] else "" for kind in kinds)] for name in told[kinds[0]]]
    yield _table(["", *kinds], rows)


def _row(row: dict[str, Any]) -> list[str]:
    return [f"{row[key]:g}" if key in row else "" for key in ("MB/s", "best MB/s", "ratio")]


def _target(row: dict[str, Any]) -> str:
    """The target of a row and whether it is met: a slower peer should be slower by at least so much."""
    for words, (figure, bound) in TARGETS.items():
        if words in row["name"]:
            most = words == "cleaning, ten times"
            met = row[figure] <= bound if most else row[figure] >= bound
            said = f"{'at most' if most else 'at least'} {bound:g}{'' if figure == 'MB/s' else 'x'}"
            return said if met else f"{said}: **not met**"
    return ""


def _scale(told: dict[str, Any]) -> Iterator[str]:
    if not told:
        return
    machine, memory = told["machine"], told["memory"]
    few, many = memory["documents"]
    yield (
        f"## Near-duplicates of many documents\n\nMeasured {machine['date']} on {machine['cores']} cores of {machine['cpu']}, "
        f"load {machine['load']}. One template filled in with other names, numbers and dates, from signatures to candidate "
        "pairs: the last column would double from row to row if the time were n squared.\n"
    )
    head = ["documents", "seconds", "pairs a document", "ns / (n log n)"]
    yield _table(head, [[f"{row[name]:,}" for name in head] for row in told["template"]])
    yield (
        f"\nMemory of `newsclean dedup`, pages of mapped files included: {memory['peak MB'][0]} MB at {few:,} documents, "
        f"{memory['peak MB'][1]} MB at {many:,}: **{memory['bytes a document']} bytes for each document** more (200 were asked "
        "for).\n"
    )
    if runs := [run | run["seconds"] for run in told.get("runs", ())]:
        yield (
            "\nWhole runs over stories of about 3 KB (1 KB in the run of ten million, for want of disk) from one .zst file, "
            "a fifth of them copies: the most memory that all processes held at one time, mapped files included and not, and the "
            "largest of them; the most disk; seconds by stage.\n"
        )
        sizes = ["input MB", "MB/s", "memory MB", "own memory MB", "largest process MB", "disk MB"]
        head = ["documents", *sizes, *runs[-1]["seconds"]]
        yield _table(head, [[f"{run[name]:,}" if name in run else "" for name in head] for run in runs])


def _accuracy(told: dict[str, Any]) -> Iterator[str]:
    if not told:
        return
    floors = tomllib.loads((HERE / "floors.toml").read_text(encoding="utf-8"))
    peers = [peer for peer in PEERS if peer in told]
    yield (
        "## Accuracy\n\nOn the labelled sets of `../shared`, by its own scorers. `chars_lost`, `body_lost` (of the story), "
        "`other_left` (of the furniture) and `false_pairs` are better when smaller. Floor: what `scores.py --check` holds. "
        "C4 is the line rule of the C4 corpus, justext the library given each line as a paragraph and told the language; "
        "newsclean is not told it. `-profile-auto`: with `--profile auto`.\n"
    )
    rows = []
    for name, figures in told["newsclean"].items():
        for figure in (f for f in FIGURES if f in figures):
            others = [told[peer].get(name, {}).get(figure) for peer in peers]
            rows.append([name, figure, *map(_figure, [figures[figure], floors.get(name, {}).get(figure), *others])])
    yield _table(["set", "figure", "newsclean", "floor", *peers], rows)


def _duplicates(scores: dict[str, Any], ablation: dict[str, Any]) -> Iterator[str]:
    tools = [name for name in ("newsclean", *DEDUP_PEERS) if name in scores]
    if len(tools) > 1:
        yield (
            "\n## Near-duplicates beside other tools\n\nF1 of pairs (adjusted Rand index of clusters), false pairs; the same "
            "documents for all. datasketch: pairs of that estimate or more. text-dedup and datatrove by their own code and "
            "defaults (`benchmarks/peers.py`), every two documents of a group a pair, since all but one would go.\n"
        )
        yield _table(["", *DEDUP_SETS], [[name, *_of_sets(scores[name])] for name in tools])
    if ablation:
        yield (
            "\n## Near-duplicates with a criterion left out\n\nThe same figures from the default settings, changed in one "
            "thing at a time (`benchmarks/ablation.py`). The labelled sets know no sources with furniture around their "
            "stories; what that criterion is for stands in tests/test_dedup_match.py.\n"
        )
        yield _table(["left out", *DEDUP_SETS], [[name, *_of_sets(told)] for name, told in ablation.items()])


def _of_sets(told: dict[str, dict[str, float]]) -> list[str]:
    return [f"{t['f1']:.3f} ({t['ari']:.3f}), {t['false_pairs']:.0f}" for t in (told[name] for name in DEDUP_SETS)]


def _bands(told: dict[str, Any]) -> Iterator[str]:
    if told:
        key, compare = told["key, us"], told["compare, us"]
        yield (
            "\n## Candidates, by bands\n\nThe share of the labelled copies that become candidates, and what that costs: "
            f"processor time for each of the {told['documents']:,} documents of {told['dump']}, bands x {key:.2f} us (a key "
            f"made, sorted, its bucket walked) + pairs x {compare:.0f} us (two texts compared), by `benchmarks/bands.py`. The "
            "defaults are marked.\n"
        )
        yield _band_table(told)


def _band_table(told: dict[str, Any]) -> str:
    rows = []
    for row in told["rows"]:
        (bands, size), (lead_bands, lead_size) = row["whole"], row["lead"]
        name = f"{bands} of {size}, {f'{lead_bands} of {lead_size}' if lead_bands else 'none'}"
        usual = [row["whole"], row["lead"]] == told["default"]
        recalls = [f"{recall:.3f}" for recall in row["recall"].values()]
        rows.append([f"**{name}**" if usual else name, *recalls, f"{row['pairs a document']:.2f}", f"{row['cost, us']:.0f} us"])
    return _table(["bands: whole text, lead", *told["rows"][0]["recall"], "pairs a document", "cost"], rows)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}" if value < 0.01 or value >= 2 else f"{value:.3f}"


def _hostile(told: dict[str, Any]) -> Iterator[str]:
    if not told:
        return
    machine = told["machine"]
    yield (
        f"\n## Input made to hurt\n\nMeasured {machine['date']} on {machine['cores']} cores of {machine['cpu']} by "
        "`benchmarks/hostile.py`: processor time and the memory of a process at its most; how much longer it takes than half of "
        "the input, which starting up makes less than 2.\n"
    )
    rows = [[row["case"], f"{row['seconds']:g} s", f"x {row['growth']:g}", f"{row['MB']} MB"] for row in told["rows"]]
    yield _table(["", "time", "growth", "memory"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
