"""The page as a web application.

Owns: who may speak to it, what is asked and answered. Must not know: how rules are tried, files. Article text reaches the page
only through templates that escape it, and a policy lets nothing run but our script.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsclean.editor.folder import RuleFolder
from newsclean.editor.sample import Sample
from newsclean.editor.trial import Trial, draft_rule, problems_of, try_rules
from newsclean.errors import NewscleanError
from newsclean.marked import Mark, lines_html
from newsclean.report.page import environment, look

_LARGEST = 1 << 20  # bytes of a request: the largest packaged file has 60 KB
_SHOWN = 10  # documents at first, and with every "more"
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Only the page itself may ask: the right host (no rebinding of names), the secret in the path, no other origin."""

    def __init__(self, app: ASGIApp, host: str, token: str) -> None:
        self.app, self.host, self.token = app, host, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in _HEADERS.items())]
            await send(message)

        refusal = self._refusal(Request(scope))
        await (refusal or self.app)(scope, receive, send_guarded)

    def _refusal(self, request: Request) -> Response | None:
        headers, post = request.headers, request.method == "POST"
        if headers.getlist("host") != [self.host]:
            return PlainTextResponse("this is no name of this page", 421)
        if headers.get("origin", "" if post else f"http://{self.host}") != f"http://{self.host}":
            return PlainTextResponse("other origins may not ask", 403)
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return PlainTextResponse("other sites may not ask", 403)
        if not secrets.compare_digest(request.url.path.split("/")[1].encode(), self.token.encode()):
            return PlainTextResponse("open the address that newsclean printed", 404)
        if post and headers.get("content-type") != "application/json":
            return PlainTextResponse("send JSON", 415)
        length = headers.get("content-length", "")
        if post and not (length.isdecimal() and int(length) <= _LARGEST):
            return PlainTextResponse("too large", 413)
        return None


class Editor:
    """What the page asks for."""

    def __init__(self, folder: RuleFolder, sample: Sample) -> None:
        self.folder, self.sample = folder, sample

    def page(self) -> Response:
        scopes = self.folder.scopes()
        new = [(scope, number) for scope, number in self.sample.scopes if scope not in scopes]
        values = {"folder": self.folder.shown, "scopes": scopes, "new": new}
        return HTMLResponse(_render("page.html", **values))

    def open(self, asked: dict[str, Any]) -> Response:
        text, stamp = self.folder.read(_string(asked, "scope"))
        return JSONResponse({"text": text, "stamp": stamp})

    def try_out(self, asked: dict[str, Any]) -> Response:
        trial = try_rules(self.folder, _string(asked, "scope"), _string(asked, "text"), self.sample)
        shown = results(trial, self.sample, _string(asked, "rule"), _number(asked, "shown")) if trial.batch else None
        return JSONResponse({"problems": trial.problems, "results": shown})

    def draft(self, asked: dict[str, Any]) -> Response:
        told = (_string(asked, "scope"), _string(asked, "text"))
        drafted = draft_rule(self.folder, *told, self.sample, _number(asked, "document"), _string(asked, "selected"))
        return JSONResponse({"toml": drafted})

    def save(self, asked: dict[str, Any]) -> Response:
        """Write the file, if the whole check passes and nobody else has written it since it was opened."""
        scope, text = _string(asked, "scope"), _string(asked, "text")
        if self.folder.stamp(scope) != _string(asked, "stamp"):
            why = f"{scope}.toml has changed on disk since it was opened here: copy your text, then load the page again"
            return JSONResponse({"problems": [why]}, 409)
        if problems := problems_of(self.folder, scope, text, self.sample):
            return JSONResponse({"problems": problems}, 422)
        return JSONResponse({"stamp": self.folder.save(scope, text), "problems": []})


def results(trial: Trial, sample: Sample, rule: str, shown: int) -> str:
    """What a trial gave, as HTML: the rules, then the documents, only those in which `rule` acted if it is given."""
    batch = trial.batch
    assert batch is not None
    mine = {told.rule.name for told in trial.rules}
    rule = rule if rule in mine else ""
    order = trial.order
    if rule:
        order = [i for i in order if rule in {r.rule for r in batch.removals(i)} | batch.read_by(i)]
    documents = []
    for i in order[: max(shown, _SHOWN)]:
        marks = [
            Mark(r.start, r.end, r.cls if r.rule in mine else f"{r.cls} same", f"{r.cls} · {r.rule}")
            for r in batch.removals(i)
        ]
        body = Markup(lines_html(batch.source[i], marks, keep=2000, room=12_000))
        documents.append((i, batch.documents[i], batch.languages[i], batch.flags(i), body))
    return _render(
        "results.html", trial=trial, rule=rule, documents=documents, left=len(order) - len(documents), more=_SHOWN,
        sample=sample,
    )  # fmt: skip


def make_app(folder: RuleFolder, sample: Sample, *, host: str, token: str) -> ASGIApp:
    """The application, at http://<host>/<token>/. host: with its port."""
    editor = Editor(folder, sample)
    assets = {
        "look.css": ("text/css", look() + _asset("editor.css")),
        "editor.js": ("text/javascript", _asset("editor.js")),
    }

    def page(_: Request) -> Response:
        return editor.page()

    routes = [
        Route("/", page),
        *(Route(f"/{name}", _fixed(content, kind)) for name, (kind, content) in assets.items()),
        *(
            Route(f"/{name}", _answer(answer), methods=["POST"])
            for name, answer in (("open", editor.open), ("try", editor.try_out), ("draft", editor.draft), ("save", editor.save))
        ),
    ]  # fmt: skip
    return Guard(Starlette(routes=[Mount(f"/{token}", routes=routes)]), host, token)


def _fixed(content: str, kind: str) -> Callable[[Request], Response]:
    return lambda _: Response(content, media_type=kind)


def _answer(answer: Callable[[dict[str, Any]], Response]) -> Callable[[Request], Awaitable[Response]]:
    """A question in JSON to its answer, off the event loop; what is wrong with it as text."""

    async def respond(request: Request) -> Response:
        try:
            asked = await request.json()
            if not isinstance(asked, dict):
                raise ValueError("send an object")
            return await run_in_threadpool(answer, asked)
        except NewscleanError as error:
            return PlainTextResponse(str(error), 400)
        except (ValueError, RecursionError):
            return PlainTextResponse("this is no question the page asks", 400)

    return respond


def _string(asked: dict[str, Any], key: str) -> str:
    value = asked.get(key)
    if not isinstance(value, str):
        raise ValueError(key)
    return value


def _number(asked: dict[str, Any], key: str) -> int:
    value = asked.get(key)
    if not isinstance(value, int):
        raise ValueError(key)
    return value


def _render(template: str, **values: Any) -> str:
    return environment("newsclean.editor").get_template(template).render(**values)


def _asset(name: str) -> str:
    return resources.files("newsclean.editor").joinpath("templates", name).read_text(encoding="utf-8")
