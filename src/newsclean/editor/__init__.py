"""A page to write rules on, served to this machine alone.

Owns: `edit_rules`, the socket and the address. Must not know: what is shown. starlette, uvicorn and jinja2 come with
`newsclean[edit]` and are loaded only here.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from newsclean.errors import UsageError
from newsclean.formats import FieldNames

__all__ = ["edit_rules"]

HOST = "127.0.0.1"


def edit_rules(
    folder: Path, inputs: Sequence[str | Path], fields: FieldNames | None = None, ready: Callable[[str], None] = print
) -> None:
    """Serve the page for the rule files in `folder`, with a sample of the documents in `inputs`, until interrupted.

    ready: told the address, which holds a secret: without it, nothing is served. Raises InputError for inputs that do not
    exist or hold no document, RuleError for packaged rules that cannot be loaded, UsageError where starlette, uvicorn or jinja2
    are missing.
    """
    missing = [name for name in ("jinja2", "starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise UsageError(f"the page needs {', '.join(missing)}: pip install 'newsclean[edit]'")
    import uvicorn

    from newsclean.editor.app import make_app
    from newsclean.editor.folder import RuleFolder
    from newsclean.editor.sample import read_sample
    from newsclean.editor.trial import try_rules

    rules, sample = RuleFolder(folder), read_sample(inputs, fields or FieldNames())
    try_rules(rules, "base", rules.read("base")[0], sample)  # compiles what may need it before anyone waits at the page
    with socket.create_server((HOST, 0)) as listening:
        port, token = listening.getsockname()[1], secrets.token_urlsafe(24)
        app = make_app(rules, sample, host=f"{HOST}:{port}", token=token)
        ready(f"http://{HOST}:{port}/{token}/")
        settings = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, lifespan="off", ws="none"
        )
        uvicorn.Server(settings).run([listening])
