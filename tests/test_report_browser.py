"""The report in a real browser: every view, light and dark, desktop and phone, with a strict policy in force.

Skipped without Chromium and `pip install -e '.[browser]'`.
"""

import json
from pathlib import Path

import pytest

from newsclean import load_rules, run
from newsclean.report import write_report

SAMPLES = Path(__file__).parent / "samples" / "articles.jsonl"
EVIL = "</script></style></textarea><script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>\u202e\u2066"
SCREENS = [(1200, 900, "light"), (390, 844, "dark")]


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    """A report of samples and hostile articles, and one of two runs."""
    folder = tmp_path_factory.mktemp("report")
    evil = {"site": EVIL, "title": EVIL, "url": f"https://example.org/{EVIL}", "text": f"{EVIL}\nTags: {EVIL}\n" + "word " * 100_000}
    records = [json.dumps({"id": f"{EVIL}{n}", **evil}) + "\n" for n in range(3)]
    (folder / "news.jsonl").write_text(SAMPLES.read_text(encoding="utf-8") + "".join(records) + EVIL + "\n", encoding="utf-8")
    run([folder / "news.jsonl"], folder / "new")
    run([folder / "news.jsonl"], folder / "old", rules=load_rules([], packaged=False))
    write_report(folder / "new", str(folder / "run.html"))
    write_report(folder / "old", str(folder / "compare.html"), folder / "new")
    return {name: folder / f"{name}.html" for name in ("run", "compare")}


@pytest.mark.parametrize("name", ["run", "compare"])
@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_every_view_opens_without_an_error(browser, accessible, pages, name, width, height, scheme):
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
    page.on("request", lambda request: said.append(request.url) if request.url.startswith("http") else None)
    page.goto(pages[name].as_uri())
    for link in page.locator("nav a").all():
        link.click()
        section = page.locator(link.get_attribute("href"))
        assert section.locator("h2").is_visible()
        closed = section.locator("> details:not([open]) > summary, .docs > details:not([open]) > summary")
        for _ in range(min(closed.count(), 5)):
            closed.first.click()
    mark = page.locator(".doc .mark:visible").first
    mark.focus()
    assert " · " in page.locator("#rule").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("#rule").inner_text() == ""
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "wider than the screen"
    accessible(page)
    assert not said
    context.close()


def test_rules_and_documents_can_be_narrowed_down(browser, pages):
    page = browser.new_page()
    page.goto(pages["run"].as_uri())
    rules = page.locator("details.rule")
    page.fill("#find-rule", "read-also")
    assert 0 < rules.locator("visible=true").filter(has=page.locator("> summary")).count() < rules.count()
    page.click("#classes button[data-class=byline]")
    shown = page.locator(".docs > .doc:visible")
    assert shown.count() > 0
    assert all("byline" in (doc.get_attribute("data-classes") or "") for doc in shown.all())
    page.close()


def test_right_to_left_lines_run_right_to_left(browser, pages):
    page = browser.new_page()
    page.goto(pages["run"].as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    for word, direction in (("أعلنت", "rtl"), ("rang", "ltr")):
        line = page.locator(".text p", has_text=word).first
        assert line.evaluate("(p) => getComputedStyle(p).direction") == direction
    page.close()
