"""The compiled loops over UTF-8 columns, by subject.

Owns: where numba keeps its compiled code, and the decoder the loops share. Must not know: what the numbers it returns
are for. Nothing may import this package at start-up: numba costs 0.3 s.
"""

from __future__ import annotations

import getpass
import os
import tempfile
from pathlib import Path


def _ensure_cache_folder() -> None:
    """Let numba cache compiled code even where neither the package nor the home folder can be written.

    numba itself tries `__pycache__` beside the source and then the user's cache folder, and refuses to compile cached
    functions when both are read-only (containers, system packages run as nobody).
    """
    if "NUMBA_CACHE_DIR" in os.environ or os.access(Path(__file__).parent, os.W_OK):
        return
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        os.environ["NUMBA_CACHE_DIR"] = str(_own_temporary_folder())


def _own_temporary_folder() -> Path:
    """A folder under the system's temporary one that is ours alone: numba unpickles what it finds there."""
    folder = Path(tempfile.gettempdir()) / f"newsclean-numba-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    told = folder.stat()
    ours = not hasattr(os, "getuid") or (told.st_uid == os.getuid() and not told.st_mode & 0o077)
    return folder if ours and not folder.is_symlink() else Path(tempfile.mkdtemp(prefix="newsclean-numba-"))


_ensure_cache_folder()

import numba  # noqa: E402


@numba.njit(nogil=True, cache=True)
def decode(data, i):
    """The code point that starts at byte i of valid UTF-8, and the byte after it."""
    c = numba.uint32(data[i])
    if c < 0x80:
        return c, i + 1
    if c < 0xE0:
        return ((c & numba.uint32(0x1F)) << numba.uint32(6)) | (data[i + 1] & numba.uint32(0x3F)), i + 2
    if c < 0xF0:
        cp = (
            ((c & numba.uint32(0x0F)) << numba.uint32(12))
            | ((data[i + 1] & numba.uint32(0x3F)) << numba.uint32(6))
            | (data[i + 2] & numba.uint32(0x3F))
        )
        return cp, i + 3
    cp = (
        ((c & numba.uint32(0x07)) << numba.uint32(18))
        | ((data[i + 1] & numba.uint32(0x3F)) << numba.uint32(12))
        | ((data[i + 2] & numba.uint32(0x3F)) << numba.uint32(6))
        | (data[i + 3] & numba.uint32(0x3F))
    )
    return cp, i + 4


@numba.njit(nogil=True, cache=True)
def copy(data, start, stop, out, pos):
    """Copy data[start:stop] to out[pos:]; where the next byte goes.

    An index without sign is not tested for being negative: a third of the time of assigning slices.
    """
    source, target = numba.uint64(start), numba.uint64(pos)
    for k in range(numba.uint64(max(stop - start, 0))):
        out[target + k] = data[source + k]
    return pos + max(stop - start, 0)


@numba.njit(nogil=True, cache=True)
def count_code_points(data, offsets, counts):
    """Fill int64 [texts] with the code points of each."""
    for n in range(offsets.shape[0] - 1):
        count = 0
        for byte in data[offsets[n] : offsets[n + 1]]:
            count += (byte & 0xC0) != 0x80
        counts[n] = count


@numba.njit(nogil=True, cache=True)
def is_unspaced(cp):
    """Whether the script of cp is written without spaces between words, so that every character counts as a word.

    Thai, Lao, Tibetan, Burmese, Khmer, kana, Chinese ideographs.
    """
    return cp >= 0x0E00 and (
        cp < 0x10A0
        or 0x1780 <= cp < 0x1800
        or 0x3040 <= cp < 0x3100
        or 0x3400 <= cp < 0xA000
        or 0xF900 <= cp < 0xFB00
        or 0x20000 <= cp < 0x33480
    )
