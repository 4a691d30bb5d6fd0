"""The page to write rules on, in a real browser and served by the real command: select, draft, mend, save.

Skipped without Chromium and `pip install -e '.[browser]'`.
"""

import json
import signal
import subprocess
import sys

import pytest

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u202e"
STORY = "The old mill on the river was sold on Monday, and the miller said that he would move to the coast before winter."
RECORDS = [
    {"id": f"mill-{n}", "url": f"https://mill.example/{n}", "lang": "en", "title": EVIL if n == 2 else f"The mill, part {n}",
     "text": f"The mill, part {n}\n{STORY}\nHeads we gathered: {n} oars\n{STORY} {n}\nOpen the map of the mill\n{EVIL}"}
    for n in range(3)
]  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("editor")
    (folder / "news.jsonl").write_text("".join(json.dumps(record) + "\n" for record in RECORDS), encoding="utf-8")
    command = [sys.executable, "-m", "newsclean", "rules", "edit", "mine", "--sample", "news.jsonl"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().split()[1], folder / "mine" / "site" / "mill.example.toml"
        server.send_signal(signal.SIGINT)
        assert server.wait(20) in (0, 130, -signal.SIGINT)


@pytest.mark.parametrize(("width", "height", "scheme"), [(1200, 900, "light"), (390, 844, "dark")])
def test_a_first_rule(browser, accessible, address, width, height, scheme):
    url, file = address
    file.unlink(missing_ok=True)
    page, said = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: None if request.url.startswith((url, "data:")) else said.append(request.url))
    page.goto(url)
    line = page.locator(".document p", has_text="Open the map of the mill").first
    line.evaluate("(line) => getSelection().selectAllChildren(line)")
    page.click("#draft")
    page.locator("#results tbody tr", has_text="draft-1").get_by_text("✓").wait_for()
    assert page.locator("del.chrome:not(.same)").count() == 3
    assert not file.exists()

    page.click("#save")
    page.locator("#state", has_text="Saved").wait_for()
    saved = file.read_text(encoding="utf-8")
    assert saved == page.input_value("#text") and "Open the map of the mill" in saved

    page.fill("#text", saved.replace("id     =", "idea   ="))
    page.locator("#problems", has_text="unknown key 'idea'").wait_for()
    assert page.locator("#save").is_disabled()
    page.click("#problems button >> nth=0")
    assert page.evaluate("document.activeElement.id") == "text"
    page.fill("#text", saved)
    page.locator("#state", has_text="Saved").wait_for()

    page.click("[data-rule*=draft-1]")
    page.locator(".note", has_text="draft-1").wait_for()
    page.locator("del.chrome").first.focus()
    assert "draft-1" in page.locator("#rule").inner_text()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "wider than the screen"
    assert not said
    page.close()
