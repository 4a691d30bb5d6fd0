"""One dump in every format it may come in: a run must keep the same documents of each. Status 1 where it does not.

    python benchmarks/same_ids.py DUMP.jsonl[.gz] [--documents N]         # e.g. ../shared/data/dumps/saudinews_ar_31k.jsonl.gz

The formats hold what all of them can: id, address, language, date and text. In the WARC file the date is that of the crawl, and
each text is the HTML page that a simple template makes of it.
"""

from __future__ import annotations

import argparse
import gzip
import html
import itertools
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from newsclean.formats import FieldNames, find_sources, parse, read_blocks, read_results

Records = list[dict[str, str]]


def read_dump(path: Path, most: int | None) -> Records:
    """The documents of a dump, with blanks as a page shows them: none doubled, no line empty."""
    blocks = read_blocks(find_sources([path]), FieldNames())
    documents = itertools.islice((d for block in blocks for d in parse(block, FieldNames()).documents), most)
    return [
        {
            "id": d.id, "url": (d.url or f"https://{d.site}/{d.id}").replace(" ", "%20"), "language": d.language or "",
            "crawled": (d.published or "1970-01-01 00:00:00")[:19].replace(" ", "T") + "Z",
            "text": "\n\n".join(re.sub(r"\s+", " ", line).strip() for line in d.text.splitlines() if line.strip()),
        }
        for d in documents
    ]  # fmt: skip


def jsonl(records: Records) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def archive(records: Records, *, web: bool) -> Iterator[bytes]:
    """The records of a WARC file of pages, or of a WET file of texts."""
    for record in records:
        body = record["text"].encode()
        if web:
            told = "".join(f"<p>{html.escape(line)}</p>\n" for line in record["text"].split("\n\n"))
            page = f"<!doctype html><html><head><meta charset=utf-8></head><body><article>\n{told}</article></body></html>"
            body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
        head = {
            "WARC-Type": "response" if web else "conversion", "WARC-Record-ID": f"<urn:uuid:{record['id']}>",
            "WARC-Target-URI": record["url"], "WARC-Date": record["crawled"],
            "WARC-Identified-Content-Language": record["language"],
            "Content-Type": "application/http; msgtype=response" if web else "text/plain", "Content-Length": str(len(body)),
        }  # fmt: skip
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
        yield f"WARC/1.0\r\n{lines}\r\n".encode() + body + b"\r\n\r\n"


def write_formats(records: Records, folder: Path) -> Iterator[Path]:
    def packed(name: str, members: Iterable[bytes]) -> Path:
        (folder / name).write_bytes(b"".join(gzip.compress(member, 1) for member in members))
        return folder / name

    yield packed("news.jsonl.gz", [jsonl(records)])
    (folder / "news.jsonl.zst").write_bytes(zstandard.compress(jsonl(records), 3))
    yield folder / "news.jsonl.zst"
    pq.write_table(pa.Table.from_pylist(records), folder / "news.parquet")
    yield folder / "news.parquet"
    yield packed("news.warc.gz", archive(records, web=True))
    yield packed("news.warc.wet.gz", archive(records, web=False))


def kept_ids(file: Path, out: Path) -> tuple[list[Any], float]:
    """The ids that a run keeps, in order, and its seconds."""
    started = time.perf_counter()
    command = ["-m", "newsclean", "run", str(file), "-o", str(out), "--published-field", "crawled", "--quiet"]
    subprocess.run([sys.executable, *command], check=True)
    seconds = time.perf_counter() - started
    return [record["id"] for record in read_results(out, "documents", ["id"])], seconds


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("dump", type=Path)
    cli.add_argument("--documents", type=int, help="only so many of them")
    cli.add_argument("--save", action="store_true", help="write benchmarks/results/same_ids.json")
    args = cli.parse_args()
    records = read_dump(args.dump, args.documents)
    first: list[Any] | None = None
    differ, rows = False, []
    with tempfile.TemporaryDirectory(prefix="newsclean-") as scratch:
        for file in write_formats(records, Path(scratch)):
            kept, seconds = kept_ids(file, Path(scratch, f"out-{file.name}"))
            first = first or kept
            other = set(kept) ^ set(first)
            differ |= bool(other)
            rows.append({"file": file.name, "kept": len(kept), "other ids": len(other), "seconds": round(seconds, 1)})
            told = f"{len(records):7,} documents, {len(kept):7,} kept, {len(other)} ids other than of the first"
            print(f"{file.name:18} {told}, {seconds:6.1f} s", flush=True)
    if args.save:
        told = {"dump": args.dump.name, "documents": len(records), "rows": rows}
        saved = Path(__file__).with_name("results") / "same_ids.json"
        saved.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
