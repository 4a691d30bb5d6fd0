"""Texts to signatures: the numbers from which candidates come, and a digest that tells exact copies.

Owns: the token table and the permutations. Must not know: pairs, thresholds of similarity, files.

The signature is datasketch's `affine32` MinHash, value for value: `datasketch.MinHash(hashvalues=signatures.full[i],
seed=1, scheme="affine32")` is ours, so its LSH, LeanMinHash and storage take it. MinHash: Broder, "On the resemblance
and containment of documents", 1997.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.fold import SEPARATOR, fold_table
from newsclean.kernels import minhash
from newsclean.text import TextColumn

# Chinese, Japanese, Thai, Lao, Tibetan, Burmese and Khmer set no blanks between words.
_UNSPACED = (
    (0xE00, 0x10A0),
    (0x1780, 0x1800),
    (0x3040, 0x3100),
    (0x3400, 0xA000),
    (0xA9E0, 0xAA80),
    (0x20000, 0x33480),
)
_HYPHENS = "-\u00ac\u00ad\u2010"
_SENTENCE_ENDS = ".!?…؟۔।。！？．"
_OPENING, _CLOSING, _EITHER = "“«„「『‹", "”»」』›", '"＂'


@functools.cache
def token_table() -> npt.NDArray[np.uint32]:
    """uint32 [0x110000]: the fold table with what `kernels.minhash` wants to know of each character. Read-only."""
    folded = fold_table()
    table = folded.copy()
    letters = folded > 1
    digits = (folded >= ord("0")) & (folded <= ord("9"))
    table[digits] |= minhash.DIGIT
    changed = np.flatnonzero(letters & (folded != np.arange(len(folded)))).tolist()  # every capital is
    table[[cp for cp in changed if unicodedata.category(chr(cp)) in ("Lu", "Lt")]] |= minhash.UPPER
    unspaced = np.zeros(len(table), np.bool_)
    for low, high in _UNSPACED:
        unspaced |= (folded >= low) & (folded < high)
    table[unspaced] |= minhash.UNSPACED | minhash.BREAKS
    table[~letters] |= minhash.BREAKS
    for characters, flags in (
        (_HYPHENS, minhash.HYPHEN),
        (_SENTENCE_ENDS, minhash.ENDS),
        ("\n\u2029", minhash.NEWLINE | minhash.ENDS),
        (_OPENING, minhash.OPENS),
        (_CLOSING, minhash.CLOSES),
        (_EITHER, minhash.OPENS | minhash.CLOSES),
    ):
        table[[ord(character) for character in characters]] = minhash.BREAKS | SEPARATOR | flags
    table.flags.writeable = False
    return table


def permutations(settings: DedupSettings) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The (a, b), uint32 [permutations] each, that datasketch.MinHash(num_perm, seed, scheme="affine32") draws."""
    draw = np.random.RandomState(settings.seed)
    a = draw.randint(0, 1 << 31, settings.permutations, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return a, draw.randint(0, 1 << 32, settings.permutations, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Signatures:
    """What is known of n texts; every field is an array whose first axis is the texts."""

    full: npt.NDArray[np.uint32]
    """[n, permutations], of the whole text."""
    lead: npt.NDArray[np.uint32]
    """[n, permutations], of the first words; of the characters of the whole text where `broken`."""
    words: npt.NDArray[np.int32]
    """[n], tokens: words, or characters of scripts without blanks."""
    digest: npt.NDArray[np.uint64]
    """[n], equal for texts that fold to the same words; without words, for the same bytes."""
    broken: npt.NDArray[np.bool_]
    """[n], words are broken at line ends so often that only characters can be compared."""

    def __len__(self) -> int:
        return len(self.digest)

    def release(self) -> None:
        """Let go of memory that only mirrors a file, as signatures in mapped files do; these are not."""

    @staticmethod
    def concat(parts: Sequence[Signatures]) -> Signatures:
        return Signatures(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Signatures)))


def sign(texts: TextColumn, settings: DedupSettings) -> Signatures:
    """The signatures of a column of texts, in its order. Releases the interpreter lock."""
    n = len(texts)
    a, b = permutations(settings)
    made = Signatures(
        full=np.empty((n, settings.permutations), np.uint32),
        lead=np.empty((n, settings.permutations), np.uint32),
        words=np.empty(n, np.int32),
        digest=np.empty(n, np.uint64),
        broken=np.empty(n, np.bool_),
    )
    minhash.sign(
        texts.data, texts.offsets, token_table(), a, b, settings.lead_words, settings.broken_rate,
        made.full, made.lead, made.words, made.digest, made.broken,
    )  # fmt: skip
    return made
