"""Which texts are copies: named pairs, as many that must match as must not, and the laws of clustering."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean.dedup.candidates import candidates
from newsclean.dedup.cluster import cluster
from newsclean.dedup.days import days as days_of
from newsclean.dedup.group import dedup, group
from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import sign
from newsclean.dedup.verify import RELATIONS, _cut, verify
from newsclean.errors import UsageError
from newsclean.kernels.minhash import shingles
from newsclean.text import Document, TextColumn

SETTINGS = DedupSettings()
_LETTERS = random.Random(0)
WORDS = ["".join(_LETTERS.choices("abcdefghijklmnoprstuvwxyz", k=_LETTERS.randint(2, 9))) for _ in range(4000)]


def prose(seed: int, length: int) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def relation(one: str, other: str, dates: tuple[str | None, str | None] = (None, None)) -> str:
    texts = TextColumn.from_texts([one, other])
    found = verify(
        np.array([[0, 1]]), texts.take, sign(texts, SETTINGS), days_of(dates), SETTINGS, all_relations=True
    )  # fmt: skip
    return RELATIONS[found.relation[0]] if len(found) else "unrelated"


STORY = " ".join(prose(1, 200))
OTHER = " ".join(prose(2, 200))
BRIEF = (
    "The harbour office of {name} said on {day} that {number} ships had left the port before noon, {more} fewer than a "
    "year ago, and that no ship was late. Fees stay at {fee} crowns for each ton. The office will report again at the "
    "end of the month, as it has done since the new quay was opened by the council of the town."
)
MALMO = BRIEF.format(name="Malmo", day="Monday", number=41, more=7, fee=12)
ARABIC = (
    "أعلنت بلدية المدينة اليوم أن أعمال تجديد الحديقة الكبرى ستبدأ مطلع الأسبوع المقبل وتستمر شهرين كاملين، "
    "وأوضحت أن المداخل الجنوبية ستبقى مفتوحة أمام الزوار طوال أيام العمل، فيما تغلق الساحة الوسطى لحين تركيب النوافير "
    "الجديدة وزراعة الأشجار التي تبرع بها أهالي الحي ومدارسه."
)
CHINESE = (
    "市政府昨日宣布，位于河岸的旧仓库将改建成图书馆，工程预计明年春天完成，"
    "期间附近道路只在夜间封闭，居民可以照常出入，商店也继续营业。"
)
NOTE = (
    "The bank will pay its owners a dividend of {} crowns a share for the year that has ended, and the shares trade without the "
    "right to it from Monday on. The register of owners is closed on the same day, and the dividend is paid out by the central "
    "office for securities within a week, the bank said in a statement to the exchange on the {} of the month."
)
ARABIC_NOTE = (
    "أعلن البنك أنه سيوزع على مساهميه أرباحا نقدية قدرها {} ريال للسهم الواحد عن السنة المالية المنتهية، وأن أحقية الأرباح "
    "ستكون للمساهمين المسجلين بنهاية تداول يوم {} من الشهر المقبل، وأن التوزيع سيتم عبر مركز إيداع الأوراق المالية خلال "
    "أسبوع من تاريخ الأحقية، حسبما جاء في بيان {} المنشور على موقع السوق المالية اليوم."
)
CHINESE_NOTE = (
    "本报记者昨日获悉，{}董事会宣布，将向全体股东派发现金股利，股权登记日为下月初，除息日为次日，现金股利将由{}在一周之内代为发放，"
    "公司在致交易所的公告中表示，股东名册将于同日关闭，敬请各位投资者注意相关安排，具体办法将在下周另行公布。"
)
SPEECH = " ".join(prose(3, 150))
PRINT = " ".join(prose(4, 300))


def broken(text: str, every: int) -> str:
    """The text as a narrow column prints it, one word in `every` broken at the line's end."""
    words = text.split(" ")
    return " ".join(f"{w[:2]}-\n{w[2:]}" if i % every == 0 and len(w) > 4 else w for i, w in enumerate(words))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(STORY, STORY, "exact", id="the same"),
        pytest.param(STORY, STORY.upper(), "exact", id="the same in capitals"),
        pytest.param(STORY, STORY + " and one more line", "near", id="a line added"),
        pytest.param(STORY + " " + OTHER, STORY, "contains", id="a cut copy"),
        pytest.param(STORY, STORY + " " + OTHER, "contained", id="an extended copy"),
        pytest.param(MALMO, MALMO.replace("had left the port", "left"), "near", id="a brief, reworded"),
        pytest.param(ARABIC, ARABIC.replace("أ", "ا").replace("ة", "ه"), "exact", id="other Arabic spelling"),
        pytest.param(ARABIC, ARABIC.replace("اليوم ", "").replace("كاملين، ", ""), "near", id="Arabic, two words cut"),
        pytest.param(CHINESE, CHINESE.replace("昨日", "今天"), "near", id="Chinese, a word changed"),
        pytest.param(CHINESE_NOTE.format("甲", "十二"), CHINESE_NOTE.format("甲", "十五"), "near", id="one number mends"),
        pytest.param(
            ARABIC_NOTE.format("١٢", "٢", "الشركة"), ARABIC_NOTE.format("١٢", "٢", "للشركة").replace("خلال", "في غضون"), "near",
            id="Arabic, spelled and worded otherwise",
        ),
        pytest.param(broken(PRINT, 5), broken(PRINT, 7), "exact", id="the same columns, broken elsewhere"),
        pytest.param(broken(PRINT, 5).replace("e", "c"), broken(PRINT, 7), "near", id="an old print misread"),
        pytest.param("Fog.", "FOG", "exact", id="one word"),
    ],
)
def test_copies(one: str, other: str, expected: str) -> None:
    assert relation(one, other) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(STORY, OTHER, "unrelated", id="two stories"),
        pytest.param(
            MALMO, BRIEF.format(name="Ystad", day="Friday", number=38, more=3, fee=12), "template", id="template"
        ),
        pytest.param(
            MALMO, MALMO.replace("41", "56").replace("12", "15"), "template", id="the same with other numbers"
        ),
        pytest.param(MALMO, MALMO.replace("Malmo", "Ystad").replace("Monday", "Friday"), "template", id="other names"),
        pytest.param(NOTE.format("twelve", "third"), NOTE.format("fifteen", "ninth"), "template", id="number words"),
        pytest.param(
            " ".join([*prose(9, 160), *(f"kilo {number} gram" for number in ("seven", "twelve", "thirty") * 12)]),
            " ".join([*prose(9, 160), "kilo ninety gram"]), "template", id="many number words in one place of the other",
        ),
        pytest.param(
            ARABIC_NOTE.format("١٢", "٢", "الشركة"), ARABIC_NOTE.format("١٥", "٩", "الشركة"), "template", id="Arabic digits"
        ),
        pytest.param(
            ARABIC_NOTE.format("اثني عشر", "الثالث", "الشركة"), ARABIC_NOTE.format("خمسة عشر", "التاسع", "الشركة"), "template",
            id="Arabic number words",
        ),
        pytest.param(
            ARABIC_NOTE.format("١٢", "٢", "سالم القحطاني في الرياض"), ARABIC_NOTE.format("١٢", "٢", "يحيى الشهري في جازان"),
            "template", id="Arabic names",
        ),
        pytest.param(
            CHINESE_NOTE.format("腾讯科技", "泰康医药"), CHINESE_NOTE.format("鹏博健身", "阳光旅游"), "template", id="Chinese names"
        ),
        pytest.param(
            f"{OTHER} “{SPEECH}”", f"“{SPEECH}” {' '.join(prose(5, 200))}", "unrelated", id="reports of one speech"
        ),
        pytest.param(
            " ".join(prose(6, 150)) + " " + STORY,
            STORY + " " + " ".join(prose(7, 160)),
            "partial",
            id="shared background",
        ),
        pytest.param(
            ARABIC, ARABIC[: len(ARABIC) // 5] + " وقال الوزير إن الميزانية لم تقر", "unrelated", id="Arabic lead"
        ),
        pytest.param(
            CHINESE, "市议会今日否决了河岸旧仓库的改建计划，理由是预算不足。", "unrelated", id="Chinese, same matter"
        ),
        pytest.param(broken(PRINT, 5), broken(" ".join(prose(8, 300)), 5), "unrelated", id="two old prints"),
        pytest.param("Fog.", "Rain.", "unrelated", id="two words"),
        pytest.param("", "Fog.", "unrelated", id="nothing and something"),
        pytest.param("…", "—", "unrelated", id="no words, other marks"),
    ],
)
def test_no_copies(one: str, other: str, expected: str) -> None:
    assert relation(one, other) == expected


def test_dates_beyond_the_window_keep_copies_apart_and_missing_ones_do_not() -> None:
    assert relation(STORY, STORY, ("2024-05-01", "2024-05-03 00:00")) == "exact"
    assert relation(STORY, STORY, ("2024-05-01", "2024-05-03 00:01")) == "unrelated"
    assert relation(STORY, STORY, ("2024-05-01", None)) == "exact"
    assert relation(STORY, STORY, ("2024-05-01", "some day")) == "exact"


def documents(*texts: str, **columns: list[str]) -> list[Document]:
    return [
        Document(text, id=f"d{i}", **{name: values[i] for name, values in columns.items()})
        for i, text in enumerate(texts)
    ]


def test_keep_policies() -> None:
    copies = documents(
        STORY, STORY + " longer by far", STORY,
        published=["2024-05-03", "2024-05-02", "2024-05-01"], site=["www.a.org", "b.org", "c.org"],
    )  # fmt: skip

    def kept(**chosen: object) -> str:
        (found,) = dedup(copies, DedupSettings(**chosen))  # type: ignore[arg-type]
        assert found.members[0] is found.kept
        assert len(found.members) == 3
        return found.kept.id

    assert kept() == "d2"
    assert kept(keep="longest") == "d1"
    assert kept(keep="first") == "d0"
    assert kept(prefer=("b.org", "c.org")) == "d1"
    assert kept(prefer=("a.org",), keep="longest") == "d0"


def test_the_most_complete_copy_is_long_and_well_known() -> None:
    """A byline more does not outweigh title and source; half of the story missing does."""
    half = STORY[: len(STORY) * 4 // 5]
    copies = [
        Document(STORY + " By Ann Bell", id="bare"),
        Document(STORY, id="known", title="Title", source="Wire"),
        Document(half, id="half", title="Title", source="Wire", url="https://a.org", published="2024-05-01"),
    ]
    (found,) = dedup(copies, DedupSettings(keep="most-complete"))
    assert [member.id for member in found.members] == ["known", "bare", "half"]


def test_the_cleanest_copy_lost_least_then_came_first() -> None:
    copies = [
        Document(STORY, id="a", published="2024-05-01", extra={"removals": [{}, {}]}),
        Document(STORY, id="b", published="2024-05-02", extra={"removals": []}),
        Document(STORY, id="c", published="2024-05-01T12:00"),
    ]
    (found,) = dedup(copies, DedupSettings(keep="cleanest"))
    assert [member.id for member in found.members] == ["c", "b", "a"]


@pytest.mark.parametrize(("keep", "stays"), [("policy", "first"), ("keep-last", "mended")])
def test_a_later_version_by_the_same_source(keep: str, stays: str) -> None:
    copies = [
        Document(STORY, id="first", source="a", published="2024-05-01"),
        Document(STORY + " and so on", id="mended", source="a", published="2024-05-01T18:00"),
        Document(STORY + " they say", id="other", source="b", published="2024-05-02"),
        Document(STORY, id="repeated", source="a", published="2024-05-02"),
        Document(STORY + " it seems", id="undated", source="a"),
    ]
    (found,) = dedup(copies, DedupSettings(updates=keep))
    assert found.kept.id == stays
    assert len(found.members) == 5


@pytest.mark.parametrize("choice", ["keep", "updates"])
def test_an_unknown_policy_is_named(choice: str) -> None:
    with pytest.raises(UsageError, match=rf"{choice} 'newest'.*(earliest|keep-last)"):
        DedupSettings(**{choice: "newest"})


def test_every_document_is_in_one_cluster_even_without_words() -> None:
    given = documents("", "…", "", STORY, "Fog.", STORY, "fog")
    found = {tuple(member.id for member in c.members) for c in dedup(given)}
    assert found == {("d0", "d2"), ("d1",), ("d3", "d5"), ("d4", "d6")}
    assert dedup([]) == []


def test_a_chain_is_cut_where_the_ends_differ() -> None:
    """b holds the whole of a, and c the whole of b; a and c match too, but d shares only its half with c."""
    a, b = prose(10, 120), prose(11, 120)
    first, both, second = " ".join(a), " ".join(a + b), " ".join(b)
    found = dedup(documents(first, both, second), DedupSettings(keep="first"))
    assert [[m.id for m in c.members] for c in found] == [["d0", "d1"], ["d2"]]
    found = dedup(documents(first, both, second), DedupSettings(keep="longest"))
    assert [[m.id for m in c.members] for c in found] == [["d1", "d0", "d2"]]


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40), st.permutations(range(12)))
@settings(deadline=None)
def test_members_match_their_kept_document(edges: list[tuple[int, int]], order: list[int]) -> None:
    pairs = np.array([(a, b) for a, b in edges if a != b], np.int64).reshape(-1, 2)
    kept = cluster(12, pairs, np.array(order))
    matching = {frozenset(pair) for pair in pairs.tolist()}
    for row, centre in enumerate(kept.tolist()):
        assert kept[centre] == centre
        assert row == centre or frozenset((row, centre)) in matching
        assert order[centre] <= order[row]


@given(st.permutations(range(14)))
@settings(deadline=None, max_examples=25)
def test_results_do_not_depend_on_the_order_of_input(order: list[int]) -> None:
    texts = [
        *(STORY, STORY + " with a tail", " ".join(STORY.split()[:150]), OTHER, OTHER.upper(), f"{STORY} {OTHER}"),
        *(MALMO, MALMO.replace("41", "56"), ARABIC, ARABIC.replace("ة", "ه"), CHINESE, "", "", "Fog."),
    ]
    given = documents(*texts, published=[f"2024-05-{i % 5 + 1:02d}" for i in range(len(texts))])

    def clusters(of: list[Document]) -> set[tuple[str, ...]]:
        return {tuple(member.id for member in found.members) for found in dedup(of)}

    assert clusters([given[i] for i in order]) == clusters(given)


def test_a_hot_bucket_gives_star_edges_and_the_whole_cluster() -> None:
    """Three thousand copies: four million pairs, of which few are compared and none is lost."""
    n = 3000
    texts = TextColumn.from_texts([STORY + f" {WORDS[i % len(WORDS)]} {i}" for i in range(n)])
    signatures, days = sign(texts, SETTINGS), np.full(n, np.nan)
    assert len(candidates(signatures, days, SETTINGS)) < 400 * n
    rank = np.roll(np.arange(n), 7)  # kept is a document that no star is tied to
    _, kept = group(signatures, texts.take, days, rank, SETTINGS)
    assert set(kept.tolist()) == {int(np.argmin(rank))}


def test_candidates_meet_once_and_in_order() -> None:
    texts = TextColumn.from_texts([STORY, OTHER, STORY, STORY + " x", OTHER + " y z"])
    found = candidates(sign(texts, SETTINGS), None, SETTINGS)
    assert found.tolist() == [[0, 2], [0, 3], [1, 4], [2, 3]]


def test_texts_are_fetched_in_blocks() -> None:
    """Ten million words are never in memory at once: each fetch asks for the rows of its own pairs only."""
    texts = TextColumn.from_texts([STORY] * 4)
    signatures = sign(texts, SETTINGS)
    signatures.words[:] = 4_000_000  # as if each text were some 30 MB
    signatures.digest[:] = range(4)
    asked: list[list[int]] = []

    def fetch(rows: np.ndarray) -> TextColumn:  # type: ignore[type-arg]
        asked.append(rows.tolist())
        return texts.take(rows)

    found = verify(np.array([[0, 1], [0, 2], [2, 3]]), fetch, signatures, None, SETTINGS)
    assert sorted(asked) == [[0, 1], [0, 2], [2, 3]]
    assert found.jaccard.tolist() == [1.0, 1.0, 1.0]


@given(st.lists(st.lists(st.sampled_from(["one", "two", "three", "four", "2,000"]), max_size=60), max_size=5))
@settings(deadline=None)
def test_shingle_sets_are_sorted_whatever_repeats(texts: list[list[str]]) -> None:
    """Also of a text without words before all others, and of one whose shingles are all the same."""
    column = TextColumn.from_texts([" ".join(words) for words in (*texts, ["one"] * 500)])
    places, made, hashes, kinds, _, sets = _cut(column, False, np.full(len(column), -1), np.zeros(0, np.uint64), SETTINGS)
    for at, end, count in zip(places[:-1], places[1:], made.tolist(), strict=True):
        values = np.zeros(end - at, np.uint32)
        assert shingles(hashes[at:], kinds[at:], end - at, values) == count
        expected = np.sort(values[:count].astype(np.uint64) << np.uint64(32) | np.arange(count, dtype=np.uint64))
        assert sets[at : at + count].tolist() == expected.tolist()


FURNITURE = " ".join(f"{' '.join(prose(40 + i, 12))}." for i in range(12))


def test_pages_of_one_site_are_not_copies_for_their_furniture() -> None:
    pages = [f"{FURNITURE}\n{' '.join(prose(60 + i, 60))}" for i in range(4)]
    found = dedup(documents(*pages, site=["a.org"] * 4))
    assert len(found) == 4
    assert len(dedup(documents(*pages, pages[0]))) == 1, "without a source nothing tells furniture from story"


def test_a_page_is_found_again_under_the_furniture_of_another_site() -> None:
    stories = [" ".join(prose(80 + i, 90)) for i in range(3)]
    pages = [f"{FURNITURE}\n{story}" for story in stories]
    given = documents(*pages, stories[1], site=["a.org"] * 3 + ["b.org"])
    assert [[m.id for m in c.members] for c in dedup(given)] == [["d0"], ["d1", "d3"], ["d2"]]


@pytest.mark.parametrize("site", ["", "a.org"])
def test_a_story_edited_forty_times_stays_one_story(site: str) -> None:
    """What many copies share is the story, not furniture: counting how often words occur would lose it."""
    draw = random.Random(5)
    sentences = [" ".join(prose(100 + i, 15)) + "." for i in range(20)]
    copies = [" ".join(s for s in sentences if draw.random() < 0.9) for _ in range(40)]
    others = [" ".join(prose(200 + i, 250)) for i in range(399)]
    found = dedup(documents(*copies, *others, site=[site] * 439), DedupSettings(keep="longest"))
    assert len(found[0].members) == 40


def test_star_edges_do_not_depend_on_the_order_of_input() -> None:
    n = 3 * SETTINGS.bucket
    signatures = sign(TextColumn.from_texts([STORY] * n), SETTINGS)
    rank = np.random.default_rng(1).permutation(n)
    straight = candidates(signatures, None, SETTINGS, np.arange(n))
    shuffled = np.sort(rank[candidates(signatures, None, SETTINGS, rank)], axis=1)
    assert sorted(map(tuple, shuffled.tolist())) == list(map(tuple, straight.tolist()))


@given(st.lists(st.sampled_from(["one", "two", "three", "four.", "«five»", "6"]), max_size=30), st.randoms())
@settings(deadline=None)
def test_a_pair_is_judged_the_same_from_either_side(words: list[str], draw: random.Random) -> None:
    """Also where both are as long: the words of the other, some of them moved."""
    moved = [*words]
    draw.shuffle(moved)
    for one, other in ((words, moved), (words + moved, moved + words)):
        there, back = relation(" ".join(one), " ".join(other)), relation(" ".join(other), " ".join(one))
        assert {there, back} in ({"contains", "contained"}, {there})
