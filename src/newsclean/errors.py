"""Every error newsclean raises on purpose, by whose fault it is.

Owns: the exception types and how they read. Must not know: anything else of newsclean.
"""

from __future__ import annotations

import os


class NewscleanError(Exception):
    """Base of every error raised on purpose; its text says what is wrong, where, and what to do."""


class UsageError(NewscleanError):
    """The caller asked for something that cannot be done: a bad option, an output folder in use."""


class InputError(NewscleanError):
    """The data is at fault: a record, or a whole file, that cannot be read.

    >>> str(InputError("the line is not JSON", file="news.jsonl", line=7))
    'news.jsonl:7: the line is not JSON'
    """

    def __init__(self, why: str, *, file: str | os.PathLike[str], line: int | None = None) -> None:
        self.why = why
        self.file = os.fspath(file)
        self.line = line
        place = self.file if line is None else f"{self.file}:{line}"
        super().__init__(f"{place}: {why}")

    def __reduce__(self) -> tuple[object, ...]:  # keyword arguments, so that it survives the trip from a worker
        return _input_error, (self.why, self.file, self.line)


def _input_error(why: str, file: str, line: int | None) -> InputError:
    return InputError(why, file=file, line=line)


class RuleError(NewscleanError):
    """A rule file is at fault: it cannot be loaded, or its own examples refute it.

    `problems` holds every complaint as one line `path:line: rule 'id': what is wrong`, so that an author
    mends a file in one go.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))
