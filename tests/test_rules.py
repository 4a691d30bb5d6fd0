"""Rule files: what the loader accepts, how packs are layered, and what a bad file is told."""

import re

import pytest

from newsclean.cleaning import clean
from newsclean.errors import RuleError, UsageError
from newsclean.rules import RuleBook, RulePack, load_rules
from newsclean.rules.check import check_rules
from newsclean.text import Document

GOOD = """[[rule]]
id = "source"
class = "source"
why = "who the story is from"
label = ["Source:"]
drop = ["Source: Harbour Press"]
keep = ["The source said so."]
"""
STORY = "The harbour council voted on Monday to close the old fish market by the end of the year, officials said."


@pytest.fixture
def folder(tmp_path):
    def write(packs):
        for scope, toml in packs.items():
            path = tmp_path / f"{scope}.toml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(toml, encoding="utf-8")
        return tmp_path

    return write


# name, what is changed in GOOD, the line it is reported at, and what is said
FAULTS = [
    ("an unknown key", ('label = ["Source:"]', 'lable = ["Source:"]'), 5, "unknown key 'lable' (did you mean 'label'?)"),
    ("an unknown class", ('"source"\nwhy', '"sauce"\nwhy'), 3, "class 'sauce' is none of: ticker chrome"),
    ("no proof of what goes", ('drop = ["Source: Harbour Press"]\n', ""), 1, "'drop' is missing: every rule needs an example that it must remove"),
    ("no proof of what stays", ('keep = ["The source said so."]\n', ""), 1, "'keep' is missing"),
    ("no reason", ('why = "who the story is from"\n', ""), 1, "'why' is missing"),
    ("nothing to match", ('label = ["Source:"]\n', ""), 1, "says nothing to match"),
    ("a phrase of punctuation only", ('["Source:"]', '["--"]'), 5, "the phrase '--' has no letter or digit"),
    ("a phrase that is no list", ('["Source:"]', '"Source:"'), 5, "'label' takes a list of strings"),
    ("an unknown action", ("label", 'action = "erase"\nlabel'), 5, "action 'erase' is none of"),
    ("an unknown zone", ("label", 'zone = ["head", "foot"]\nlabel'), 5, "zone 'foot' is none of: head body tail"),
    ("a block without follow", ("label", 'action = "block"\nlabel'), 1, "'follow' goes with action = \"block\""),
    ("a suffix at the start", ("label", 'action = "suffix"\nlabel'), 5, "action 'suffix' goes with ending or pattern, not with label"),
    ("a pattern that would run everywhere", ('label = ["Source:"]', "pattern = ['S.*']"), 5, "a pattern needs phrases in 'near'"),
    ("a pattern that matches nothing at all", ('label = ["Source:"]', "pattern = ['S*']\nmax = 50"), 5, "matches the empty string"),
    ("a pattern that is none", ('label = ["Source:"]', "pattern = ['S(']\nmax = 50"), 5, "not a regular expression"),
    ("a group by number", ('label = ["Source:"]', "pattern = ['(S)\\1']\nmax = 50"), 5, "refers to a group by number"),
    ("a number in words", ("label", 'max = "ten"\nlabel'), 5, "'max' takes a whole number"),
    ("an id with blanks", ('"source"\nclass', '"the source"\nclass'), 2, "an id is made of small letters"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "line", "said"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_fault_is_told_with_its_line(folder, change, line, said):
    root = folder({"lang/xx": GOOD.replace(*change)})
    with pytest.raises(RuleError) as error:
        load_rules([root])
    assert any(p.startswith(f"{root}/lang/xx.toml:{line}: rule ") and said in p for p in error.value.problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rule = 7", "a rule begins with [[rule]]"),
        ("[rule]\nid = 'x'", "a rule begins with [[rule]]"),
        ("disable = 'lang/xx:source'", "'disable' takes a list"),
        ("language = 7", "[language] holds lists of words"),
        ("[language]\nwords = 'a b'", "[language] holds lists of words"),
        (GOOD.replace('class', 'zone = 7\nclass'), "zone 7 is none of"),
    ],
)
def test_a_value_of_another_kind_is_told(folder, text, said):
    with pytest.raises(RuleError, match=re.escape(said)):
        load_rules([folder({"lang/xx": text})])


def test_all_faults_of_all_files_are_told_at_once(folder):
    root = folder({"lang/xx": GOOD.replace("label", "lable") * 2, "wire/yy": "a = ", "sites/zz": GOOD})
    with pytest.raises(RuleError) as error:
        load_rules([root])
    text = str(error.value)
    assert f"{root}/lang/xx.toml:12: rule 'source': unknown key 'lable'" in text
    assert f"{root}/wire/yy.toml:1: not TOML" in text
    assert f"{root}/sites/zz.toml: a rule file is base.toml, or lies in lang/, site/ or wire/" in text


def test_an_id_is_used_once_in_a_file(folder):
    with pytest.raises(RuleError, match=r"xx\.toml:8: rule 'source': the id is used twice in this file"):
        load_rules([folder({"lang/xx": GOOD + GOOD})])


def test_disabling_a_rule_that_does_not_exist_is_an_error(folder):
    with pytest.raises(RuleError, match=r"there is no rule 'lang/xx:sauce' \(did you mean 'lang/xx:source'\?\)"):
        load_rules([folder({"lang/xx": 'disable = ["lang/xx:sauce"]\n' + GOOD})])


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="no such folder of rules"):
        load_rules([tmp_path / "nowhere"])


def test_a_later_folder_replaces_a_rule_by_its_id(folder, tmp_path):
    base = folder({"mine/lang/xx": GOOD, "yours/lang/xx": GOOD.replace("Source:", "Origin:")})
    book = load_rules([base / "mine", base / "yours"], packaged=False)
    assert [rule.label for rule in book.rules] == [("Origin:",)]


SITE = Document(f"{STORY}\nSource: Harbour Press", url="https://news.example.org/1", language="xx")


def test_a_site_pack_applies_to_its_host_and_subdomains_only(folder):
    book = load_rules([folder({"site/example.org": GOOD})], packaged=False)
    assert clean(SITE, book).removals[0].rule == "site/example.org:source"
    assert not clean(Document(SITE.text, url="https://example.com/example.org"), book).removals
    assert not clean(Document(SITE.text, url="https://anexample.org/"), book).removals


def test_a_site_pack_can_switch_off_a_rule_of_the_language(folder):
    root = folder({"lang/xx": GOOD, "site/example.org": 'disable = ["lang/xx:source"]\n'})
    book = load_rules([root], packaged=False)
    assert not clean(SITE, book).removals
    assert clean(Document(SITE.text, language="xx"), book).removals[0].rule == "lang/xx:source"


def test_a_language_pack_applies_to_its_language_only(folder):
    book = load_rules([folder({"lang/xx": GOOD})], packaged=False)
    assert clean(Document(SITE.text, language="xx-YY"), book).removals
    assert not clean(Document(SITE.text, language="zz"), book).removals


def test_the_language_is_detected_where_the_record_is_silent(folder):
    words = '[language]\nwords = ["the", "on", "by", "of", "said"]\n'
    book = load_rules(
        [folder({"lang/xx": words + GOOD, "lang/qq": '[language]\nwords = ["der", "die", "und"]\n'})], packaged=False
    )
    assert clean(Document(SITE.text), book).removals


def test_the_fingerprint_tells_what_rules_do_not_how_they_are_proven(folder):
    def fingerprint(text):
        return load_rules([folder({"lang/xx": text})], packaged=False).fingerprint

    same = GOOD.replace("who the story", "where the story").replace("Harbour", "Valley")
    assert fingerprint(GOOD) == fingerprint(same)
    assert fingerprint(GOOD) != fingerprint(GOOD.replace('["Source:"]', '["Source"]'))


def test_an_empty_book_removes_nothing():
    assert clean(SITE, RuleBook()).text == SITE.text
    assert clean(SITE, RuleBook({"lang/xx": RulePack("lang/xx")})).text == SITE.text


# What `rules check` complains of: an example that does not hold, and patterns that run away.
REFUTED = [
    ("drop example is not its work: no rule acts on", ('"Source: Harbour Press"', '"Origin: Harbour Press"')),
    ("keep example is not left alone", ('"The source said so."', '"Source: the river."')),
    ("drop example is cut wrongly", ('"Source: Harbour Press"', '"Source: ⟦Harbour Press⟧"')),
    ("label phrase 'HP' is under three letters", ('["Source:"]', '["Source:", "HP"]')),
    ("label phrase 'Source:' is given twice", ('["Source:"]', '["Source:", "Source:"]')),
    ("the pattern runs away", ('label = ["Source:"]', "pattern = ['(?:(?:on|\\d+)\\s*){1,16}']\nnear = ['Source']")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "change"), REFUTED, ids=[case[0] for case in REFUTED])
def test_check_finds(folder, said, change):
    root = folder({"lang/xx": GOOD.replace(*change)})
    assert any(
        said in problem and f"{root}/lang/xx.toml:1: rule 'source'" in problem for problem in check_rules(root).problems
    )


def test_check_runs_whole_document_cases(folder):
    root = folder({"lang/xx": GOOD})
    cases = root / "lang" / "xx.cases"
    cases.mkdir()
    (cases / "one.txt").write_text(f"{STORY}\n\nSource: Harbour Press\n", encoding="utf-8")
    (cases / "one.expected.txt").write_text(f"{STORY}\n", encoding="utf-8")
    report = check_rules(root)
    assert (report.rules, report.cases, report.problems) == (1, 1, ())
    (cases / "one.expected.txt").write_text("Another text\n", encoding="utf-8")
    (problem,) = check_rules(root).problems
    assert problem.startswith(f"{cases}/one.expected.txt:1: expected 'Another text', cleaning one.txt gives")


def test_the_packaged_rules_hold_what_they_promise():
    report = check_rules()
    assert report.problems == ()
    assert report.rules > 150
    assert report.examples > 3 * report.rules
