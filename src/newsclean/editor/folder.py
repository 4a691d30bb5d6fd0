"""The rule files of one folder: the only part of the page that touches files.

Owns: that nothing outside the folder is read or written, and that a file is replaced whole or not at all. Must not know: HTTP,
what rules do.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from newsclean.errors import UsageError
from newsclean.rules.template import title

_SCOPE = re.compile(r"base|(lang|site|wire)/(?![.])[\w.-]+")


class RuleFolder:
    """A folder of the user's own rule files; it need not exist before the first is saved."""

    def __init__(self, root: Path) -> None:
        self.shown = root  # as the user wrote it
        self._root = root.resolve()

    def scopes(self) -> list[str]:
        """The files there are, without their suffix."""
        found = (path.relative_to(self._root).with_suffix("").as_posix() for path in self._root.rglob("*.toml"))
        return sorted(
            scope for scope in found if _SCOPE.fullmatch(scope) and self._inside(self._root / f"{scope}.toml")
        )

    def read(self, scope: str) -> tuple[str, str]:
        """The text of a file and its stamp; one to begin with where there is none. Raises UsageError for a bad name."""
        path = self._path(scope)
        if not path.exists():
            kind, _, name = scope.partition("/")
            return f"# {title(kind, name) if name else 'Every document'}\n", ""
        try:
            return path.read_text(encoding="utf-8"), self.stamp(scope)
        except UnicodeDecodeError as error:
            raise UsageError(f"{self.shown / scope}.toml: not UTF-8: {error.reason} at byte {error.start}") from None

    def stamp(self, scope: str) -> str:
        """Changes when the file does; '' where there is none."""
        path = self._path(scope)
        return sha256(path.read_bytes()).hexdigest() if path.exists() else ""

    def save(self, scope: str, text: str) -> str:
        """Put `text` in place of the file, at once, and return the new stamp."""
        path = self._path(scope)
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return self.stamp(scope)

    @contextmanager
    def drafted(self, scope: str, text: str) -> Iterator[Path]:
        """A copy of the folder as it would be if `text` were saved: what is tried is what will be."""
        self._path(scope)
        with tempfile.TemporaryDirectory(prefix="newsclean-") as scratch:
            copy = Path(scratch).resolve()
            for path in self._root.rglob("*"):
                wanted = path.suffix == ".toml" or path.parent.suffix == ".cases"
                if wanted and path.is_file() and self._inside(path):
                    target = copy / path.relative_to(self._root)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
            target = copy / f"{scope}.toml"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
            yield copy

    def _path(self, scope: str) -> Path:
        path = self._root / f"{scope}.toml"
        if not _SCOPE.fullmatch(scope) or not self._inside(path):
            raise UsageError(f"{scope[:80]!r} is no rule file of {self.shown}")
        return path

    def _inside(self, path: Path) -> bool:
        """Whether a path leads nowhere else, through a link."""
        return path.resolve().is_relative_to(self._root)
