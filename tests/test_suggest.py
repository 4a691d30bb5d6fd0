"""`rules suggest`: what a dump repeats becomes a draft that loads and passes its own check."""

import json
import random
import re

import pytest
from click.testing import CliRunner

from newsclean.cli import main
from newsclean.rules import RuleBook, load_rules
from newsclean.rules.check import check_rules
from newsclean.suggest import suggest
from newsclean.suggest.count import candidates

SYLLABLES = [consonant + vowel for consonant in "bdklmnrstv" for vowel in "aeo"]
NAMES = ["Ada Kern", "Jon Halle", "Mira Tal", "Omar Venn", "Lena Roth", "Paul Beck", "Nora Lind", "Ivo Marn", "Tess Hale", "Hugo Brand"]


def story(seed):
    """Four paragraphs in no language; another seed, another story."""
    draw = random.Random(seed)
    words = ["".join(draw.choices(SYLLABLES, k=3)) for _ in range(120)]
    return "\n".join(" ".join(words[n : n + 30]).capitalize() + "." for n in range(0, 120, 30))


def page(seed):
    """A story as the site prints it: a label with a name, a button, a boilerplate, a sign-off."""
    name = NAMES[seed % len(NAMES)]
    return f"Gathered by: {name}\n{story(seed)} (Velmora Wire)\nOpen the map of the town\nIt's 'yours'\nCalled: {seed}, {seed + 1}, {seed + 2}"


@pytest.fixture
def dump(tmp_path):
    def write(texts, site="velmora.example"):
        path = tmp_path / "dump.jsonl"
        records = [{"id": str(n), "url": f"https://www.{site}/{n}", "lang": "xx", "text": text} for n, text in enumerate(texts)]
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return write


def pack_of(toml, tmp_path, scope):
    path = tmp_path / "mine" / f"{scope}.toml"
    path.parent.mkdir(parents=True)
    path.write_text(toml, encoding="utf-8")
    return load_rules([tmp_path / "mine"], packaged=False)


def phrases(book):
    return {(key, phrase) for rule in book.rules for key in ("label", "line", "ending") for phrase in getattr(rule, key)}


def test_a_draft_names_what_repeats_and_passes_its_own_check(dump, tmp_path):
    told = suggest([dump(map(page, range(12)))], RuleBook())
    assert (told.scope, told.stories, told.documents) == ("site/velmora.example", 12, 12)
    book = pack_of(told.toml, tmp_path, told.scope)
    assert phrases(book) == {
        ("label", "Gathered by:"), ("label", "Called:"), ("line", "Open the map of the town"), ("line", "It's 'yours'"),
    }  # fmt: skip
    assert check_rules(tmp_path / "mine").problems == ()
    by_label = {rule.label: rule for rule in book.rules}
    assert by_label["Gathered by:",].zone == ("head",)
    assert by_label["Called:",].cls == "tags"
    assert re.search(r"# 12 stories \(both 12\); sites: velmora.example 12\n#   Open the map of the town\n\[\[rule", told.toml)


def test_a_sign_off_of_the_last_paragraph(dump, tmp_path):
    told = suggest([dump(f"{story(n)} {'(Velmora Wire)' if n % 2 else 'ostrand press'}" for n in range(12))], RuleBook())
    book = pack_of(told.toml, tmp_path, told.scope)
    assert phrases(book) == {("ending", "(Velmora Wire)"), ("ending", ".ostrand press")}
    assert check_rules(tmp_path / "mine").problems == ()
    assert {rule.action for rule in book.rules} == {"suffix"}


def test_copies_of_one_story_count_once(dump):
    paragraph = "The bridge has been closed since the storm of last year."
    told = suggest([dump([f"{story(1)}\n{paragraph}\n{story(2)}"] * 20 + [story(n) for n in range(3, 9)])], RuleBook())
    assert (told.stories, told.documents, told.rules) == (7, 26, 0)


def test_what_the_rules_at_hand_remove_is_not_proposed(dump):
    path = dump(f"{story(n)}\nTags: harbour, {n}, market" for n in range(12))
    assert suggest([path], RuleBook()).rules == 1
    assert suggest([path], load_rules()).rules == 0


def test_labels_before_sentences_are_quotations(dump):
    said = "the town was never asked about the price of the bridge, and it will not pay for it now or later."
    told = suggest([dump(f"{story(n)}\nThe mayor: {NAMES[n % 10]} knows that {said}" for n in range(12))], RuleBook())
    assert "The mayor:" not in told.toml.partition("label")[2].partition("\n")[0]


def test_a_dump_of_many_sites_is_drafted_for_its_language(tmp_path, dump):
    first = dump(map(page, range(8)), "velmora.example").read_text(encoding="utf-8")
    second = dump(map(page, range(8, 16)), "ostrand.example").read_text(encoding="utf-8")
    (tmp_path / "dump.jsonl").write_text(first + second, encoding="utf-8")
    told = suggest([tmp_path / "dump.jsonl"], RuleBook())
    assert told.scope == "lang/xx"
    assert "sites: ostrand.example 8, velmora.example 8" in told.toml or "sites: velmora.example 8, ostrand.example 8" in told.toml


@pytest.mark.parametrize(
    ("text", "kind", "phrase"),
    [
        ("المصدر: جريدة المرفأ", "label", "المصدر:"),
        ("来源：港口报", "label", "来源:"),
        ("Read more at https://example.org", "label", None),
        ("At 12:30 the bells rang", "label", None),
        ("Wir \u202bberichten\u202c weiter", "line", "Wir berichten weiter"),
        ("***", "line", None),
        ("وستعود السفن الكبيرة إلى المرفأ القديم في فصل الربيع.وام", "ending", ".وام"),
        ("The list of all ships is printed by the office at www.velmora.com", "ending", None),
    ],
)
def test_what_is_a_candidate(text, kind, phrase):
    assert [found.phrase for found in candidates(text) if found.kind == kind] == ([phrase] if phrase else [])


def test_the_command_reads_standard_input_and_tells_what_it_could_not_read(dump, tmp_path):
    lines = dump(map(page, range(8))).read_bytes()
    out = tmp_path / "draft.toml"
    done = CliRunner().invoke(main, ["rules", "suggest", "-", "-o", str(out)], input=lines + b"nonsense\n")
    assert done.exit_code == 2
    assert done.stderr.startswith("4 rules proposed from 8 stories, for site/velmora.example.toml\nnewsclean: ")
    assert 'label  = [\'Gathered by:\']' in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "name"), [("lang", "xx"), ("site", "example.org"), ("wire", "velmora-wire")])
def test_a_new_rule_file_passes_its_check(tmp_path, kind, name):
    args = ["rules", "new", kind, name, "--rules", str(tmp_path)]
    done = CliRunner().invoke(main, args)
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path}/{kind}/{name}.toml\n")
    report = check_rules(tmp_path)
    assert report.rules > 0
    assert report.problems == ()
    done = CliRunner().invoke(main, args)
    assert (done.exit_code, done.stderr) == (2, f"newsclean: {tmp_path}/{kind}/{name}.toml: exists already\n")


@pytest.mark.parametrize(("kind", "name"), [("lang", "English"), ("site", "www"), ("site", "../x.org"), ("wire", "A P")])
def test_a_name_that_cannot_be_one(tmp_path, kind, name):
    done = CliRunner().invoke(main, ["rules", "new", kind, name, "--rules", str(tmp_path)])
    assert done.exit_code == 2
    assert f"no name for a file of {kind} rules" in done.stderr
