"""Output folders elsewhere: made here, then put there.

Owns: where the files of such a folder wait, and in which order they arrive. Must not know: what they hold. Work files are mapped
into memory, so they are on this machine in any case; a run that was cut short goes on from them.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from newsclean.errors import UsageError
from newsclean.formats import places
from newsclean.formats.outputs import is_output


@contextlib.contextmanager
def local_folder(
    output: str | Path, names: Collection[str], last: str, *, force: bool, resume: bool
) -> Iterator[Path]:
    """The folder on this machine that stands for `output`: itself, or one whose files replace those of that address in the end.

    names: of the outputs, of which nothing older stays. last: the file that says that all is there; it arrives after the
    others. Until the end nothing is at the address, and files are whole from the moment they are. Raises UsageError for an
    address in use, unless `force` or `resume`.
    """
    address = str(output).rstrip("/")
    if not places.is_remote(address):
        yield Path(output)
        return
    there = places.remote_names(address)
    if there and not (force or resume):
        raise UsageError(f"{address}: the output folder is not empty (it holds {there[0]}); name another, or --force")
    folder = Path(tempfile.gettempdir()) / f"newsclean-{hashlib.blake2b(address.encode(), digest_size=8).hexdigest()}"
    if resume and last in there and not folder.exists():  # finished: whoever resumes is shown what it said
        folder.mkdir(mode=0o700)
        try:
            places.download(f"{address}/{last}", folder / last)
            yield folder
        finally:
            shutil.rmtree(folder)
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    yield folder
    made = sorted(folder.iterdir(), key=lambda path: (path.name == last, path.name))
    kept = {path.name for path in made[:-1]}
    for old in places.remote_names(address):
        if old == last or (old not in kept and any(is_output(old, name) for name in names)):
            places.remove(f"{address}/{old}")
    for path in made:
        places.upload(path, f"{address}/{path.name}")
    shutil.rmtree(folder)
