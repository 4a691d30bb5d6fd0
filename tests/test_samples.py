"""`newsclean check`: samples found, compared, shown and rewritten."""

import json

import pytest
from click.testing import CliRunner

from newsclean.cli import main
from newsclean.errors import UsageError
from newsclean.rules import RuleBook, load_rules
from newsclean.samples import check_samples

STORY = "The harbour council voted on Monday to close the old fish market by the end of the year, officials said."
RAW = f"Council closes the fish market\n\n{STORY}\n\nTags: harbour, market\n"
CLEAN = f"Council closes the fish market\n\n{STORY}\n"


@pytest.fixture(scope="module")
def book():
    return load_rules()


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def invoke(*args):
    return CliRunner().invoke(main, ["check", *map(str, args)])


def test_samples_that_come_out_as_expected(folder, book):
    report = check_samples(folder(market__txt=RAW, market__expected__txt=CLEAN, plain__txt=STORY, plain__expected__txt=STORY), book)
    assert (report.samples, report.differences, report.written) == (2, (), ())


def test_the_samples_of_the_project_come_out_as_expected(book, request):
    report = check_samples(request.path.parent / "samples", book)
    assert report.samples > 12
    assert list(map(str, report.differences)) == []


def test_a_difference_is_shown_line_by_line_with_the_rule_that_removed(folder, book):
    where = folder(market__txt=RAW, market__expected__txt=f"{STORY}\n\nTags: harbour, market\n")
    (difference,) = check_samples(where, book).differences
    assert str(difference).split("\n") == [
        f"{where}/market.txt: 2 lines missing (-), 2 lines too many (+)",
        "+ 1 │ Council closes the fish market",
        "+ 2 │",
        f"  3 │ {STORY}",
        "- 2 │",
        "- 3 │ Tags: harbour, market",
        "    └ removed by tags lang/en:tags",
    ]


def test_update_writes_what_cleaning_gives_and_nothing_else(folder, book):
    where = folder(market__txt=RAW, market__expected__txt="wrong\n", plain__txt=STORY, plain__expected__txt=STORY)
    report = check_samples(where, book, update=True)
    assert (report.differences, report.written) == ((), (where / "market.expected.txt",))
    assert (where / "market.expected.txt").read_text(encoding="utf-8") == CLEAN
    assert (where / "plain.expected.txt").read_text(encoding="utf-8") == STORY
    assert check_samples(where, book).differences == ()


def test_a_new_sample_fails_until_its_expected_text_is_written(folder, book):
    where = folder(market__txt=RAW)
    (difference,) = check_samples(where, book).differences
    assert str(difference) == f"{where}/market.txt: nothing is expected of it in market.expected.txt: write it with --update"
    check_samples(where, book, update=True)
    assert (where / "market.expected.txt").read_text(encoding="utf-8") == CLEAN


def test_an_expected_text_without_its_raw_one_fails(folder, book):
    where = folder(market__txt=RAW, market__expected__txt=CLEAN, gone__expected__txt=CLEAN)
    assert [str(d) for d in check_samples(where, book).differences] == [
        f"{where}/gone.expected.txt: its raw file gone.txt is missing"
    ]


def test_a_json_file_beside_the_text_says_where_it_comes_from(folder, tmp_path):
    rules = tmp_path / "rules" / "site"
    rules.mkdir(parents=True)
    rule = '[[rule]]\nid = "x"\nclass = "chrome"\nwhy = "x"\nline = ["Open the map"]\ndrop = ["x"]\nkeep = ["y"]\n'
    (rules / "example.org.toml").write_text(rule, encoding="utf-8")
    book = load_rules([tmp_path / "rules"])
    where = tmp_path / "samples"
    where.mkdir()
    (where / "a.txt").write_text(f"{STORY}\n\nOpen the map\n", encoding="utf-8")
    (where / "a.expected.txt").write_text(f"{STORY}\n", encoding="utf-8")
    assert len(check_samples(where, book).differences) == 1
    (where / "a.json").write_text('{"url": "https://example.org/1"}', encoding="utf-8")
    assert check_samples(where, book).differences == ()


def test_records_are_compared_by_id(folder, book):
    raw = [{"id": "b", "text": RAW}, {"id": "a", "text": STORY}, {"id": "c", "text": RAW}]
    expected = [{"id": "a", "text": STORY}, {"id": "b", "text": "wrong"}, {"id": "z", "text": "gone"}]
    where = folder(
        news__jsonl="\n".join(map(json.dumps, raw)), news__expected__jsonl="\n".join(map(json.dumps, expected)),
        other__jsonl='{"text": "no sample"}',
    )  # fmt: skip
    report = check_samples(where, book)
    assert report.samples == 3
    assert [difference.name for difference in report.differences] == [
        f"{where}/news.jsonl b", f"{where}/news.jsonl c", f"{where}/news.jsonl z",
    ]  # fmt: skip
    check_samples(where, book, update=True)
    assert check_samples(where, book).differences == ()
    first = json.loads((where / "news.expected.jsonl").read_text(encoding="utf-8").split("\n")[0])
    assert first == {"id": "b", "text": CLEAN.rstrip("\n")}


def test_the_command_ends_with_1_on_a_difference_and_2_on_a_mistake(folder, tmp_path):
    where = folder(market__txt=RAW, market__expected__txt="wrong\n")
    done = invoke(where)
    assert done.exit_code == 1
    assert "- 1 │ wrong" in done.stdout
    assert done.stderr == "1 samples: 1 difference\n"
    done = invoke(where, "--update")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"wrote {where}/market.expected.txt\n1 samples: no differences\n"
    (tmp_path / "market.json").write_text("[", encoding="utf-8")
    done = invoke(where)
    assert done.exit_code == 2
    assert f"{where}/market.json: not JSON" in done.stderr


def test_a_folder_without_samples_is_a_mistake(tmp_path):
    with pytest.raises(UsageError, match="no samples here"):
        check_samples(tmp_path, RuleBook())
