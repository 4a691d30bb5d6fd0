"""The page to write rules on: what it answers, to whom, and what it can never touch."""

import json
import re
import stat
from html.parser import HTMLParser

import pytest

pytest.importorskip("starlette", reason="no editor tests: pip install -e '.[edit]'")
from starlette.testclient import TestClient

from newsclean import InputError, load_rules
from newsclean.editor.app import make_app
from newsclean.editor.folder import RuleFolder
from newsclean.editor.sample import read_sample
from newsclean.formats import FieldNames
from newsclean.rules.check import check_rules

HOST, TOKEN = "127.0.0.1:8123", "t0ken"
ORIGIN = f"http://{HOST}"
SCOPE = "site/mill.example"
EVIL = "</script></p><script>alert(1)</script><img src=x onerror=alert(1)>\u202e"
STORY = "The old mill on the river was sold on Monday, and the miller said that he would move to the coast before winter."
GATHERED = ["oars", "nets", "lamps"]
RECORDS = [
    {"id": f"mill-{n}", "url": f"https://www.mill.example/{n}", "lang": "en", "title": EVIL,
     "text": f"The mill, part {n}\nMILL PRESS - {STORY}\nHeads we gathered: {gathered}\n{STORY} {n}\nOpen the map of the mill\n{STORY} (Mill Wire)\n{EVIL}"}
    for n, gathered in enumerate(GATHERED)
]  # fmt: skip
RULE = """
[[rule]]
id = "map"
class = "chrome"
why = "a button"
line = ['Open the map of the mill']
drop = ['Open the map of the mill']
keep = ['Open the map of the mill, she said, and look for the bridge.']
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "news.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS), encoding="utf-8")
    return read_sample([path], FieldNames())


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mine"


@pytest.fixture
def client(folder, sample):
    return TestClient(make_app(RuleFolder(folder), sample, host=HOST, token=TOKEN), base_url=ORIGIN)


@pytest.fixture
def ask(client):
    def ask(what, scope=SCOPE, **question):
        return client.post(f"/{TOKEN}/{what}", json={"scope": scope, **question}, headers={"origin": ORIGIN})

    return ask


def attempt(ask, text, **more):
    answer = ask("try", text=text, **{"rule": "", "shown": 0, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def plain(html):
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_the_page_offers_a_file_for_the_sites_and_languages_of_the_sample(client):
    page = client.get(f"/{TOKEN}/").text
    assert f'<option value="{SCOPE}">' in page and '<option value="lang/en">' in page
    for name in re.findall(r'(?:href|src)="([^":]+)"', page):
        assert client.get(f"/{TOKEN}/{name}").status_code == 200


def test_a_trial_tells_what_the_rules_take_and_whether_their_examples_hold(ask):
    told = attempt(ask, RULE)
    assert told["problems"] == []
    assert "in 3 of the 3 documents it is for" in plain(told["results"])
    assert re.search(r"map chrome 3 3 ✓ 2 hold none: phrases", plain(told["results"]))
    assert told["results"].count('<del class="mark chrome"') == 3


def test_a_pattern_tells_its_cost(ask):
    told = attempt(ask, RULE.replace("line = ['Open the map of the mill']", "pattern = ['Open the map .*mill']\nmax = 60"))
    assert re.search(r"\d\.\d ms on \d+ lines", plain(told["results"]))


def test_an_example_that_fails_is_told_and_the_trial_goes_on(ask):
    told = attempt(ask, RULE.replace("drop = ['Open", "drop = ['Shut the door', 'Open"))
    assert any("a drop example is not its work" in problem for problem in told["problems"])
    assert all(problem.startswith(("site", "/")) and "newsclean-" not in problem for problem in told["problems"])
    assert "1 of 3 fail" in plain(told["results"])


@pytest.mark.parametrize("text", ["[[rule", RULE.replace("class", "clas"), RULE.replace("line =", "pattern = ['('] #"), 'rule = 7', "[rule]\nid = 'x'"])
def test_what_cannot_be_read_is_told(ask, text):
    told = attempt(ask, text)
    assert told["problems"] and told["results"] is None


def test_a_pattern_that_would_hang_is_not_tried_on_the_sample(tmp_path, folder):
    path = tmp_path / "long.jsonl"
    path.write_text("".join(json.dumps({"id": n, "text": ("start " + "1" * 60 + "!\n") * 3}) + "\n" for n in range(100)))
    client = TestClient(make_app(RuleFolder(folder), read_sample([path], FieldNames()), host=HOST, token=TOKEN), base_url=ORIGIN)
    text = RULE.replace("line = ['Open the map of the mill']", r"pattern = ['start (?:(?:on|\d+)\s*){1,16}']" + "\nnear = ['start']")
    question = {"scope": "base", "text": text, "rule": "", "shown": 0}
    told = client.post(f"/{TOKEN}/try", json=question, headers={"origin": ORIGIN}).json()
    assert told["results"] is None and "too slow" in told["problems"][-1]


def test_documents_can_be_narrowed_to_a_rule(ask):
    other = RULE.replace('"map"', '"lamps"').replace("Open the map of the mill", "Heads we gathered: lamps")
    shown = attempt(ask, RULE + other, rule=f"{SCOPE}:lamps")["results"]
    assert re.findall(r'data-document="(\d)"', shown) == ["2"]


@pytest.mark.parametrize(
    ("selected", "matcher", "gone"),
    [
        ("Open the map of the mill", "line", "Open the map of the mill"),
        ("Heads we gathered: nets", "label", "Heads we gathered: nets"),
        ("MILL PRESS -", "label", "MILL PRESS - "),
        ("(Mill Wire)", "ending", "(Mill Wire)"),
        ("before winter", "within", "before winter"),
        ("Heads we gathered: nets\n\nOpen the map of the mill", "line", "Open the map of the mill"),
        (f"The mill, part 1\n{STORY[:20]}", None, None),
    ],
)
def test_a_selection_becomes_a_rule_that_takes_it(ask, folder, sample, selected, matcher, gone):
    if matcher is None:
        selected, matcher, gone = "The mill, part 1", "line", "The mill, part 1"
    drafted = ask("draft", text="# mine\n", document=1, selected=selected).json()["toml"]
    told = attempt(ask, drafted)
    assert told["problems"] == [], drafted
    assert ask("save", text=drafted, stamp="").status_code == 200
    (rule,) = load_rules([folder], packaged=False).rules
    assert getattr(rule, matcher) and rule.keep
    assert selected.split("\n")[-1] in "".join(rule.drop).replace("⟦", "").replace("⟧", "")
    assert f">{gone.strip()}" in told["results"]


def test_a_draft_counts_in_the_sample_and_takes_a_free_id(ask):
    drafted = ask("draft", text='id = "draft-1"', document=1, selected="Heads we gathered: nets").json()["toml"]
    assert "# 3 stories" in drafted and 'id     = "draft-2-' in drafted
    assert all(f"Heads we gathered: {one}" in drafted for one in GATHERED)


@pytest.mark.parametrize("selected", ["", " \n ", "nowhere in it", "\n".join(["The mill, part 1"] * 9)])
def test_a_selection_that_makes_no_rule_is_refused(ask, selected):
    assert ask("draft", text="", document=1, selected=selected).status_code == 400


def test_saved_is_what_passes_and_nothing_else(ask, folder):
    path = folder / f"{SCOPE}.toml"
    bad = RULE.replace("keep = ['Open the map of the mill, she", "keep = ['Open the map of the mill', 'She")
    answer = ask("save", text=bad, stamp="")
    assert answer.status_code == 422 and "keep example is not left alone" in answer.json()["problems"][0]
    assert not folder.exists()
    stamp = ask("save", text=RULE, stamp="").json()["stamp"]
    assert path.read_text() == RULE and check_rules(folder).problems == ()
    path.chmod(0o600)
    assert ask("save", text=bad, stamp=stamp).status_code == 422
    assert path.read_text() == RULE
    assert ask("save", text=f"# new\n{RULE}", stamp=stamp).status_code == 200
    assert path.read_text() == f"# new\n{RULE}" and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(folder.rglob("*")) == [path.parent, path]


def test_what_another_wrote_meanwhile_is_not_overwritten(ask, folder):
    stamp = ask("save", text=RULE, stamp="").json()["stamp"]
    (folder / f"{SCOPE}.toml").write_text("# theirs\n")
    assert ask("save", text=RULE, stamp=stamp).status_code == 409
    assert ask("save", text=RULE, stamp="").status_code == 409
    assert ask("open").json()["text"] == "# theirs\n"


@pytest.mark.parametrize(
    "scope",
    ["", "..", "../news", "site/../../news", "site/..", "/etc/passwd", "site//x", "lang/a/b", "site/a\\..\\b", "site/.x", "other/x", "site/x\0", "site/x\n"],
)
def test_no_name_leads_out_of_the_folder(ask, folder, tmp_path, scope):
    (tmp_path / "news.toml").write_text("# a secret\n")
    for answer in (
        ask("open", scope),
        ask("save", scope, text=RULE, stamp=""),
        ask("try", scope, text=RULE, rule="", shown=0),
        ask("draft", scope, text=RULE, document=0, selected="Open"),
    ):
        assert answer.status_code == 400 and "secret" not in answer.text
    assert not folder.exists()


def test_no_link_leads_out_of_the_folder(ask, client, folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.toml").write_text("# a secret\n")
    folder.mkdir()
    (folder / "site").symlink_to(outside)
    (folder / "base.toml").symlink_to(outside / "secret.toml")
    for scope in ("site/secret", "site/new.example", "base"):
        assert ask("open", scope).status_code == 400
        assert ask("save", scope, text=RULE, stamp="").status_code == 400
    assert "secret" not in client.get(f"/{TOKEN}/").text
    assert [path.name for path in outside.iterdir()] == ["secret.toml"]
    assert (outside / "secret.toml").read_text() == "# a secret\n"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example:8123"}, 421),
        ({"host": "localhost:8123"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:9"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-length": "2000000"}, 413),
    ],
)
def test_others_are_refused(client, headers, status):
    asked = {"origin": ORIGIN, "content-type": "application/json", **headers}
    answer = client.post(f"/{TOKEN}/open", content=json.dumps({"scope": SCOPE}), headers=asked)
    assert answer.status_code == status
    if status in (421, 403):
        assert client.get(f"/{TOKEN}/", headers=headers).status_code == status


def test_a_post_tells_its_origin(client):
    assert client.post(f"/{TOKEN}/open", json={"scope": SCOPE}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/t0ke/", "/t0kenn/", "//t0ken/", "/look.css", "/%74oken/"])
def test_without_the_secret_nothing_is_served(client, path):
    answer = client.get(path, headers={"origin": ORIGIN})
    assert answer.status_code == 404 and TOKEN not in answer.text


@pytest.mark.parametrize("body", ["", "{", "[]", '{"scope": 7}', '{"scope": "base"}', "[" * 100_000])
def test_questions_that_the_page_never_asks(client, body):
    headers = {"origin": ORIGIN, "content-type": "application/json"}
    assert client.post(f"/{TOKEN}/try", content=body, headers=headers).status_code == 400


class Elements(HTMLParser):
    def __init__(self, source):
        super().__init__()
        self.found = []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_hostile_articles_are_text(ask, client):
    answer = client.get(f"/{TOKEN}/")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    html = attempt(ask, RULE)["results"]
    assert "&lt;script&gt;" in html and "\u202e" not in html
    for tag, attributes in Elements(html).found:
        assert tag not in {"script", "img", "svg", "iframe", "style", "link"}
        assert not any(name.startswith("on") or name in ("style", "src", "href") for name in attributes)


def test_a_sample_is_the_same_each_time_and_says_what_it_cannot_read(tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"id": n, "text": f"Story {n}"}) + "\n" for n in range(1000)))
    one, two = (read_sample([path], FieldNames()) for _ in range(2))
    assert [document.id for document in one.documents] == [document.id for document in two.documents]
    assert (len(one.documents), one.read) == (200, 1000)
    with pytest.raises(InputError, match="no field 'body'"):
        read_sample([path], FieldNames(text="body"))
