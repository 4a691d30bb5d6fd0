"""`rules check` beyond the examples: what it says against phrases, patterns, ids, characters, and rules that touch clean text."""

import pytest

from newsclean.rules.check import check_rules

RULE = """[[rule]]
id = "source"
class = "source"
why = "who the story is from"
label = ["Source:"]
drop = ["Source: Harbour Press"]
keep = ["The source said so."]
"""
STORY = "The harbour council voted on Monday to close the old fish market by the end of the year, officials said."
NEAR = 'near = ["Source"]'


@pytest.fixture
def root(tmp_path):
    (tmp_path / "lang").mkdir()
    return tmp_path


def problems(root, toml, **options):
    (root / "lang" / "xx.toml").write_text(toml, encoding="utf-8")
    return check_rules(root, **options).problems


def changed(old, new):
    assert old in RULE
    return RULE.replace(old, new)


# name, the rule file, and what is said of it
FAULTS = [
    ("a short phrase", changed('["Source:"]', '["Source:", "HP"]'), ":1: rule 'source': label phrase 'HP' is under three letters"),
    ("a phrase twice", changed('["Source:"]', '["Source:", "Source:"]'), ":1: rule 'source': the label phrase 'Source:' is given twice"),
    ("a phrase in two rules", RULE + changed('"source"\nclass', '"other"\nclass'), ":8: rule 'other': the label phrase 'Source:' is also in rule 'source'"),
    ("a pattern for everything", changed('label = ["Source:"]', f"pattern = ['.{{5,200}}']\n{NEAR}"), ":1: rule 'source': the pattern takes any sentence: '.{5,200}'"),
    ("words of any script", changed('label = ["Source:"]', f"pattern = ['\\w+( \\w+)*']\n{NEAR}"), ":1: rule 'source': the pattern takes any sentence"),
    ("a pattern that runs away", changed('label = ["Source:"]', f"pattern = ['(?:(?:on|\\d+)\\s*){{1,16}}']\n{NEAR}"), ":1: rule 'source': the pattern runs away"),
    ("a sign that is no punctuation", changed('["Source:"]', '["Source ©"]'), ":1: rule 'source': label phrase 'Source ©': the sign '©'"),
    ("a bidi control", changed("who the", "who\u202b the"), ":4: holds the invisible character U+202B"),
    ("a zero-width space", changed('"Source:"', '"Sou\u200brce:"'), ":5: holds the invisible character U+200B"),
    ("several right-to-left strings", changed('["Source:"]', '["المصدر:", "مصدر الخبر:"]'), ":5: more than one right-to-left string on a line"),
    ("switched off by its own file", 'disable = ["lang/xx:source"]\n' + RULE, ":2: rule 'source': its own file disables it"),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "said"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_check_finds(root, toml, said):
    assert any(f"{root}/lang/xx.toml{said}" in problem for problem in problems(root, toml))


@pytest.mark.parametrize("toml", [
    changed('"Source:"', '"Sou\\u200brce:"'),  # escaped, so that anybody can see it
    changed('["Source:"]', '["Source:", "«Source»", "¿Source?"]').replace("drop", 'line = ["© Source"]\ndrop'),
    changed('["Source:"]', '["Source:", "المصدر:"]'),  # one of either direction
    changed('["Source:"]', '[\n  "Source:",\n  "المصدر:",\n  "مصدر الخبر:",\n]'),
    '[language]\nwords = ["في", "من", "على"]\n' + RULE,  # the order of single words says nothing
    changed("who the", "می\u200cگوید"),  # Persian is spelled with joiners
    changed('label = ["Source:"]', f"pattern = ['Source: .{{1,60}}']\n{NEAR}"),
])  # fmt: skip
def test_check_has_nothing_against(root, toml):
    assert problems(root, toml) == ()


def test_no_rule_may_act_on_a_clean_sample(root, tmp_path):
    samples = tmp_path / "samples"
    samples.mkdir()
    (samples / "council.expected.txt").write_text(f"Council votes\n\n{STORY}\n\nOrigin: the council\n", encoding="utf-8")
    (root / "base.toml").write_text(RULE.replace("Source:", "Origin:"), encoding="utf-8")
    (problem,) = problems(root, "", samples=[samples])
    assert problem == (
        f"{root}/base.toml:1: rule 'source': takes 'Origin: the council' of the clean text {samples}/council.expected.txt:5"
    )


def test_a_site_pack_is_tried_on_the_clean_samples_as_well(root, tmp_path):
    (tmp_path / "one.expected.txt").write_text(f"{STORY}\n\nOrigin: the council\n", encoding="utf-8")
    (root / "site").mkdir()
    site = RULE.replace("Source:", "Origin:")
    (root / "site" / "example.org.toml").write_text(site, encoding="utf-8")
    (problem,) = problems(root, "")
    assert "site/example.org.toml:1: rule 'source': takes 'Origin: the council' of the clean text" in problem
