"""The account of a pair agrees with the verdict, and a sweep with the runs it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from newsclean.dedup.explain import explain_pair
from newsclean.dedup.group import group
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import sign
from newsclean.dedup.sweep import settings_at, sweep
from newsclean.text import Document, TextColumn
from test_dedup_match import ARABIC, MALMO, OTHER, SPEECH, STORY, prose

SETTINGS = DedupSettings()


@pytest.mark.parametrize(
    ("one", "other", "vetoes"),
    [
        pytest.param(STORY, STORY, (), id="a copy"),
        pytest.param(STORY, OTHER, ("overlap", "evidence"), id="two stories"),
        pytest.param(MALMO, MALMO.replace("41", "56").replace("12", "15"), ("numbers",), id="numbers"),
        pytest.param(MALMO, MALMO.replace("Malmo", "Ystad").replace("Monday", "Friday"), ("names",), id="names"),
        pytest.param(f"“{SPEECH}” she said", f"“{SPEECH}” was the speech", (), id="a speech, both printed alone"),
        pytest.param(
            f"“{' '.join(prose(9, 60))}” so she", f"“{' '.join(prose(9, 60))}” {OTHER}", ("evidence",), id="a quotation"
        ),
    ],
)
def test_what_spoke_against(one: str, other: str, vetoes: tuple[str, ...]) -> None:
    found = explain_pair(Document(one), Document(other))
    assert found.vetoes == vetoes
    assert found.same is not bool(vetoes)
    assert len(found.reasons) == len(vetoes)


def test_the_dates_speak_against() -> None:
    found = explain_pair(Document(STORY, published="2024-05-01"), Document(STORY, published="2024-06-01"))
    assert (found.same, found.vetoes, found.jaccard) == (False, ("window",), 1.0)
    assert found.reasons == ("31.0 days apart, at most 2.0",)


def test_bands_estimate_and_chance_belong_together() -> None:
    found = explain_pair(Document(STORY), Document(STORY + " " + " ".join(prose(9, 60))))
    whole, lead = found.met["whole"], found.met["lead"]
    assert lead.bands == tuple(range(SETTINGS.lead_bands[0]))
    assert (lead.estimate, lead.chance) == (1.0, 1.0)
    assert 0 < len(whole.bands) < SETTINGS.bands[0]
    assert whole.estimate == pytest.approx(found.jaccard, abs=0.15)
    assert whole.chance == pytest.approx(1 - (1 - whole.estimate**2) ** 64)


def test_paragraphs_stand_side_by_side() -> None:
    first, second, third = (" ".join(prose(seed, 30)) for seed in (20, 21, 22))
    found = explain_pair(Document(f"{first}\n\n{second}"), Document(f"{second} indeed\n{third}"))
    assert [(pair.a, pair.b) for pair in found.paragraphs] == [
        (first, None),
        (second, f"{second} indeed"),
        (None, third),
    ]
    assert [pair.shared for pair in found.paragraphs] == [0, 1, 0]
    assert [pair.a for pair in explain_pair(Document(ARABIC), Document("")).paragraphs] == [ARABIC]


def test_a_sweep_says_what_each_threshold_would_collapse() -> None:
    cuts = [" ".join(STORY.split()[: 200 - 15 * i] + prose(30 + i, 15 * i)) for i in range(8)]
    texts = TextColumn.from_texts([*cuts, OTHER])
    signatures, rank = sign(texts, SETTINGS), np.arange(9)
    thresholds = (0.95, 0.75, 0.5)
    outcomes = sweep(signatures, texts.take, None, rank, SETTINGS, thresholds)
    assert [outcome.covered for outcome in outcomes] == list(thresholds)
    assert [outcome.pairs for outcome in outcomes] == sorted({outcome.pairs for outcome in outcomes})
    for outcome in outcomes:
        pairs, kept = group(signatures, texts.take, None, rank, settings_at(SETTINGS, outcome.covered))
        assert outcome.pairs <= len(pairs)
        assert outcome.duplicates == int((kept != np.arange(9)).sum())
