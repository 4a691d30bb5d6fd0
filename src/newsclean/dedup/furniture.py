"""Sentences and lines that a source prints around its stories, so that pages of one site are not copies for them.

Owns: telling furniture from story by how many documents of one source print it. Must not know: pairs' relations.

A story printed many times must not lose its own sentences (inverse document frequency does that): hence the share of the
source's documents, and the rule that a text which would lose nearly all is left whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsclean.dedup.settings import DedupSettings
from newsclean.dedup.sign import Signatures, token_table
from newsclean.kernels import pairs as compare
from newsclean.text import TextColumn

BLOCK = 1 << 24  # bytes of text in memory at a time

FetchTexts = Callable[[npt.NDArray[np.int64]], TextColumn]


def bytes_of(signatures: Signatures) -> npt.NDArray[np.int64]:
    """About how long each text is, at eight bytes a token."""
    return 8 * signatures.words.astype(np.int64) + 64


@dataclass(frozen=True, slots=True)
class Furniture:
    """Sentences and lines that one source prints in several documents: they do not count when texts are compared."""

    sources: npt.NDArray[np.int64]
    """[n], the number of each document's source; below 0 where unknown."""
    sentences: npt.NDArray[np.uint64]
    """Their hashes, with the source's number, sorted."""

    @staticmethod
    def none(n: int) -> Furniture:
        return Furniture(np.full(n, -1, np.int64), np.zeros(0, np.uint64))


def find_furniture(
    pairs: npt.NDArray[np.int64],
    texts: FetchTexts,
    signatures: Signatures,
    sources: npt.NDArray[np.int64],
    settings: DedupSettings,
    printed: npt.NDArray[np.int64] | None = None,
) -> Furniture:
    """What is furniture among the documents that met another of their source; sources: int64 [n], below 0 unknown.

    printed: for each source how many documents it has, where there are more than these. Site furniture brings the
    documents of a site together as candidates, so no others need to be read.
    """
    same = (sources[pairs[:, 0]] == sources[pairs[:, 1]]) & (sources[pairs[:, 0]] >= 0)
    met = np.zeros(len(sources), np.bool_)
    met[pairs[same]] = True
    rows = np.flatnonzero(met)
    found, owners = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for block in np.split(rows, np.flatnonzero(np.diff(np.cumsum(bytes_of(signatures)[rows]) // BLOCK)) + 1):
        hashes, of = printed_sentences(texts(block), sources[block])
        found.append(hashes)
        owners.append(of)
    sentences, first, documents = np.unique(np.concatenate(found), return_index=True, return_counts=True)
    if printed is None:
        printed = np.bincount(sources[sources >= 0], minlength=1)
    often = np.maximum(settings.furniture, settings.furniture_share * printed[np.concatenate(owners)[first]])
    return Furniture(sources, sentences[documents >= often])


def printed_sentences(
    texts: TextColumn, sources: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """The hashes of the sentences and lines of each text, each once for a text, and the source of each."""
    room = len(texts.data) + len(texts)
    hashes, kinds = np.empty(room, np.uint32), np.empty(room, np.uint32)
    out, of = np.empty(room, np.uint64), np.empty(room, np.int64)
    made = compare.sentences(texts.data, texts.offsets, token_table(), sources, hashes, kinds, out, of)
    return out[:made].copy(), of[:made].copy()
