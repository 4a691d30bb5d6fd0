"""Web archives: which records are documents, what is told of them, and what damage does."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from newsclean.errors import InputError
from newsclean.formats import Batch, FieldNames, find_sources, inputs, parse, read_blocks
from newsclean.formats.warc import Page, archived_pages

pytest.importorskip("fastwarc")
pytest.importorskip("resiliparse")

STORY = "The council voted on Monday to close the old fish market by the end of the year."
HTML = f"""<!doctype html><html lang="en-GB"><head><title>Old market to close</title>
<meta property="article:published_time" content="2024-05-01T10:00:00Z"></head>
<body><nav><ul><li>Home</li><li>World</li></ul></nav><article><h1>Old market to close</h1><p>{STORY}</p>
<p>Traders said &amp; wrote that they had not been asked.</p></article><footer>All rights reserved</footer></body></html>"""


def warc_record(kind: str, content: bytes, **headers: str) -> bytes:
    told = {"WARC-Type": kind, "WARC-Date": "2024-05-02T03:04:05Z"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()} | {"Content-Length": str(len(content))}
    return b"WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items()).encode() + b"\r\n" + content + b"\r\n\r\n"


def page(content: bytes, number: int = 1, status: str = "200 OK", kind: str = "text/html; charset=utf-8", more: str = "") -> bytes:
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + content
    address = {"WARC_Target_URI": f"https://www.paper.example/{number}", "WARC_Record_ID": f"<urn:uuid:{number}>"}
    return warc_record("response", http, Content_Type="application/http; msgtype=response", **address)


INFO = warc_record("warcinfo", b"software: a test\r\n", Content_Type="application/warc-fields")
WET = warc_record("conversion", STORY.encode(), Content_Type="text/plain", WARC_Target_URI="https://paper.example/w", WARC_Identified_Content_Language="eng,fra")


def read(path: Path, content: bytes, fields: FieldNames | None = None) -> Batch:
    path.write_bytes(content)
    batch, fields = Batch(), fields or FieldNames()
    for block in read_blocks(find_sources([path]), fields):
        part = parse(block, fields)
        batch.documents.extend(part.documents)
        batch.records.extend(part.records)
        batch.rejected.extend(part.rejected)
    return batch


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_the_html_of_a_page_becomes_its_main_text_with_what_it_tells(tmp_path: Path, name: str) -> None:
    members = [INFO, page(HTML.encode())]
    batch = read(tmp_path / name, b"".join(map(gzip.compress, members)) if name.endswith("gz") else b"".join(members))
    (document,) = batch.documents
    assert document.text.split("\n\n") == ["Old market to close", STORY, "Traders said & wrote that they had not been asked."]
    assert (document.id, document.url, document.site) == ("1", "https://www.paper.example/1", "paper.example")
    assert (document.title, document.language, document.published) == ("Old market to close", "en-GB", "2024-05-01T10:00:00Z")
    assert batch.records[0]["crawled"] == "2024-05-02T03:04:05Z"


def test_the_text_of_a_wet_file_stays_as_it_is(tmp_path: Path) -> None:
    batch = read(tmp_path / "crawl.warc.wet.gz", gzip.compress(INFO + WET), FieldNames(text="body"))
    place = f"{tmp_path}/crawl.warc.wet.gz:2"
    assert batch.records == [
        {"url": "https://paper.example/w", "language": "eng", "body": STORY, "crawled": "2024-05-02T03:04:05Z", "id": place}
    ]


def test_requests_images_redirects_and_missing_pages_are_no_documents(tmp_path: Path) -> None:
    others = [
        page(b"", status="301 Moved"), page(b"gone", status="404 Not Found"), page(b"\x89PNG", kind="image/png"),
        warc_record("request", b"GET / HTTP/1.1\r\n\r\n", Content_Type="application/http; msgtype=request"),
        warc_record("metadata", b"a: b", Content_Type="application/warc-fields"),
    ]  # fmt: skip
    batch = read(tmp_path / "crawl.warc", b"".join([*others, WET]))
    assert [document.text for document in batch.documents] == [STORY] and not batch.rejected


def test_a_page_without_text_is_an_empty_document(tmp_path: Path) -> None:
    assert [document.text for document in read(tmp_path / "crawl.warc", page(b"") + page(b"<html><nav></nav>", 2)).documents] == ["", ""]


@pytest.mark.parametrize("charset", ["; charset=windows-1256", "; charset=no-such", "; charset=hex", ""])
def test_other_encodings_are_told_by_header_page_or_guess(tmp_path: Path, charset: str) -> None:
    story = "صوت المجلس البلدي يوم الاثنين على إغلاق سوق السمك القديم بنهاية العام الحالي"
    html = f'<html><head><meta charset="windows-1256"></head><body><article><p>{story}</p></article></body></html>'
    batch = read(tmp_path / "crawl.warc", page(html.encode("windows-1256"), kind=f"text/html{charset}"))
    assert [document.text for document in batch.documents] == [story]


def chunked(body: bytes) -> bytes:
    parts = [body[at : at + 100] for at in range(0, len(body), 100)] + [b""]
    return b"".join(b"%X;note=x\r\n%s\r\n" % (len(part), part) for part in parts)


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


def arrow(codec: str) -> Callable[[bytes], bytes]:
    return lambda body: pa.compress(body, codec, asbytes=True)


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "Content-Encoding: gzip": gzip.compress,
    "content-encoding: x-gzip": lambda body: gzip.compress(body[:100]) + gzip.compress(body[100:]),
    "Content-Encoding: deflate": zlib.compress,
    "Content-Encoding: Deflate": raw_deflate,
    "Content-Encoding: br": arrow("brotli"),
    "Content-Encoding: zstd": lambda body: zstandard.compress(body),
    "Content-Encoding: UTF-8": bytes,  # no coding at all: a charset at the wrong place
    "Content-Encoding: br, gzip": lambda body: gzip.compress(arrow("brotli")(body)),
    "Transfer-Encoding: chunked": chunked,
    "Transfer-Encoding: gzip, chunked": lambda body: chunked(gzip.compress(body)),
    "Content-Encoding: gzip\r\nTransfer-Encoding: chunked": lambda body: chunked(gzip.compress(body)),
}


@pytest.mark.parametrize("header", CODINGS)
def test_a_page_is_read_as_it_was_sent(tmp_path: Path, header: str) -> None:
    batch = read(tmp_path / "crawl.warc", page(CODINGS[header](HTML.encode()), more=f"{header}\r\n") + WET)
    assert [document.title for document in batch.documents] == ["Old market to close", None] and not batch.rejected


@pytest.mark.parametrize("header", [header for header in CODINGS if "UTF-8" not in header])
def test_a_page_that_is_not_what_its_headers_say_is_refused_alone(tmp_path: Path, header: str) -> None:
    whole = CODINGS[header](HTML.encode())
    for content in (HTML.encode(), whole[: len(whole) // 2], whole[:40] + whole[44:]):
        batch = read(tmp_path / "crawl.warc", INFO + page(content, more=f"{header}\r\n") + page(HTML.encode(), 2))
        assert [document.id for document in batch.documents] == ["2"]
        (refused,) = batch.rejected
        assert refused.line == 2 and f"at byte {len(INFO)} of the archive" in refused.why


def test_a_page_that_swells_when_unpacked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MAX_RECORD", 10_000)
    for coding, compress in {"gzip": gzip.compress, "deflate": zlib.compress, "br": arrow("brotli")}.items():
        bomb = page(compress(b"a" * 1_000_000), more=f"Content-Encoding: {coding}\r\n")
        batch = read(tmp_path / "crawl.warc", bomb + page(HTML.encode(), 2))
        assert [document.id for document in batch.documents] == ["2"]
        assert "the limit for one record" in batch.rejected[0].why


def test_an_archive_that_breaks_off_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    for cut in (-100, -700):
        batch = read(tmp_path / "crawl.warc", (page(HTML.encode()) + page(HTML.encode(), 2))[:cut])
        assert [document.id for document in batch.documents] == ["1"]
        assert len(batch.rejected) == 1
    packed = gzip.compress(page(HTML.encode())) + gzip.compress(page(HTML.encode(), 2))
    batch = read(tmp_path / "crawl.warc.gz", packed[:-50])
    assert [document.id for document in batch.documents] == ["1"] and len(batch.rejected) == 1


@given(st.data())
def test_no_damage_raises_anything_but_our_own(data: st.DataObject) -> None:
    archive = bytearray(INFO + page(HTML.encode()) + WET)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(archive) - 1))
        archive[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    chunks = (bytes(archive[at : at + 200]) for at in range(0, len(archive), 200))
    try:
        for _, found in archived_pages(chunks, 1 << 20):
            if isinstance(found, Page):
                assert isinstance(found.record(FieldNames()).get("text", ""), str)
    except (OSError, InputError, ValueError):
        pass
