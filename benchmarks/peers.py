#!/usr/bin/env python3
"""Near-duplicates as text-dedup and datatrove find them, by their own code and defaults, for the table of scores.

    python -m venv peers && peers/bin/pip install text-dedup spacy orjson 'datatrove[processing]'
    python benchmarks/scores.py --peers --peers-python peers/bin/python
    peers/bin/python benchmarks/peers.py text-dedup|datatrove DOCS.jsonl DIR                  # what that runs for each set

Both give groups, of which all documents but one would be deleted: every two documents of a group are a pair here.
text-dedup 0.4 by default: 5 words, 250 permutations, t = .7. datatrove by default: 5 words, 14 bands of 8 values, English
tokens, letters in small, punctuation and accents dropped, every number made 0.
"""

from __future__ import annotations

import itertools
import json
import pickle
import struct
import subprocess
import sys
import tempfile
from collections.abc import Hashable, Iterable
from pathlib import Path


def main() -> None:
    peer, documents, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    ids = [json.loads(line)["id"] for line in documents.open(encoding="utf-8")]
    with tempfile.TemporaryDirectory() as scratch:
        groups = {"text-dedup": text_dedup, "datatrove": datatrove}[peer](documents, len(ids), Path(scratch))
    output.mkdir(parents=True)
    write(output, ids, groups)


def text_dedup(documents: Path, count: int, scratch: Path) -> list[Hashable]:
    """The group of each document in the order of input."""
    plain = scratch / "plain.jsonl"  # it cannot read columns of mixed types
    with plain.open("w", encoding="utf-8") as file:
        for line in documents.open(encoding="utf-8"):
            file.write(json.dumps({"text": json.loads(line)["text"]}) + "\n")
    command = [sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", plain, "--split", "train"]
    command += ["--cache_dir", scratch / "cache", "--output", scratch / "out", "--column", "text", "--debug"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = pickle.loads((scratch / "out" / "uf.pkl").read_bytes())
    return [found.find(row) for row in range(count)]


def datatrove(documents: Path, count: int, scratch: Path) -> list[Hashable]:
    """The group of each document in the order of input."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets, MinhashDedupCluster
    from datatrove.pipeline.dedup.minhash import MinhashDedupSignature as Signature
    from datatrove.pipeline.readers import JsonlReader

    reader = JsonlReader(str(documents.parent), glob_pattern=documents.name)
    signatures, buckets, clusters = (str(scratch / name) for name in ("signatures", "buckets", "clusters"))
    stages = [[reader, Signature(signatures)], [MinhashDedupBuckets(signatures, buckets)],
              [MinhashDedupCluster(buckets, clusters, save_cluster_id=True)]]  # fmt: skip
    tasks = [1, MinhashConfig().num_buckets, 1]
    for number, (stage, many) in enumerate(zip(stages, tasks, strict=True)):
        LocalPipelineExecutor(stage, tasks=many, workers=1, logging_dir=str(scratch / f"log{number}")).run()
    found: list[Hashable] = [("alone", row) for row in range(count)]
    path = Path(clusters, "000000.clusters")
    for row, group in struct.iter_unpack("<II", path.read_bytes()) if path.exists() else ():
        found[row] = group
    return found


def write(output: Path, ids: list[str], groups: Iterable[Hashable]) -> None:
    """pairs.jsonl and clusters.jsonl, as `newsclean dedup` writes them."""
    members: dict[Hashable, list[str]] = {}
    for name, group in zip(ids, groups, strict=True):
        members.setdefault(group, []).append(name)
    with (output / "pairs.jsonl").open("w") as pairs, (output / "clusters.jsonl").open("w") as clusters:
        for names in members.values():
            pairs.writelines(json.dumps({"a": a, "b": b}) + "\n" for a, b in itertools.combinations(names, 2))
            clusters.writelines(json.dumps({"id": name, "cluster": names[0]}) + "\n" for name in names)


if __name__ == "__main__":
    main()
