"""Web archives: the pages of WARC files and the texts of WET files as records.

Owns: which records of an archive are documents, what their headers and their HTML say. Must not know: compression, what becomes
of a record. fastwarc cuts the archive where it is read, and decodes nothing, as one page with false headers would end it;
resiliparse makes text of HTML where there are workers for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from newsclean.errors import UsageError
from newsclean.formats.bodies import decoded

if TYPE_CHECKING:
    from newsclean.formats.records import FieldNames

_HTML = ("text/html", "application/xhtml+xml")
_PUBLISHED = (
    'meta[property="article:published_time"]', 'meta[itemprop="datePublished"]', 'time[itemprop="datePublished"]',
)  # fmt: skip
_URN = "<urn:uuid:"


class Page(NamedTuple):
    """A record of an archive, as it is stored: what the headers say, and the HTML or text."""

    about: dict[str, str]
    """By role; "crawled" is when the page was fetched."""
    content: bytes
    html: bool
    charset: str

    def record(self, fields: FieldNames) -> dict[str, Any]:
        """The record that goes on. ValueError says why there is none."""
        told: dict[str, Any] = dict(self.about)
        if self.html:
            told = _read_html(self.content, self.charset) | told
        else:
            try:
                told["text"] = self.content.decode()
            except UnicodeDecodeError as error:
                raise ValueError(f"not UTF-8 (byte {error.start + 1})") from None
        crawled = {"crawled": told.pop("crawled")} if "crawled" in told else {}
        return {fields.names(role)[0]: value for role, value in told.items() if value or role == "text"} | crawled


def archived_pages(chunks: Iterator[bytes], longest: int) -> Iterator[tuple[int, Page | str]]:
    """The documents of an archive with the numbers of their records, or why one cannot be read.

    longest: bytes of a page at most. Raises OSError or InputError where the archive cannot be read further.
    """
    try:
        from fastwarc.warc import ArchiveIterator
    except ImportError:
        raise UsageError("web archives need two more packages: pip install 'newsclean[warc]'") from None
    number, page, stream = 0, None, _Stream(chunks)
    options: dict[str, Any] = {"parse_http": True, "auto_decode": "none", "stream_detect": False}
    for number, record in enumerate(ArchiveIterator(cast(Any, stream), **options), 1):
        kind = _content_type(record)
        page = _page(record, kind in _HTML, longest) if kind in _HTML or kind == "text/plain" else None
        if page:
            yield number, page
    if stream.end not in (b"\r\n\r\n", b"") and not isinstance(page, str):  # fastwarc takes half a header for the end
        yield number + 1, "the archive breaks off here"


def _content_type(record: Any) -> str:
    """What a record holds if it is a document; '' for requests, redirects, images and the like."""
    name = record.headers.get("WARC-Type")
    if name == "response" and record.is_http_parsed and record.http_headers.status_code == 200:
        return record.http_content_type or ""
    if name in ("conversion", "resource"):
        return (record.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    return ""


def _page(record: Any, html: bool, longest: int) -> Page | str:
    told = record.headers.get
    about = {
        "id": (told("WARC-Record-ID") or "").removeprefix(_URN).strip("<>"),
        "url": (told("WARC-Target-URI") or "").strip("<>"),
        "language": (told("WARC-Identified-Content-Language") or "").partition(",")[0],
        "crawled": told("WARC-Date") or "",
    }
    stored, where = record.content_length, f"at byte {record.stream_pos} of the archive"
    content = record.reader.read(longest + 1)
    if len(content) < min(stored, longest + 1):
        return "the archive breaks off inside this record"
    if http := record.http_headers:
        try:
            content = decoded(content, http.get("Transfer-Encoding") or "", http.get("Content-Encoding") or "", longest)
        except ValueError as error:
            return f"{error}, {where}"
    if len(content) > longest:
        return f"longer than {longest >> 20} MB, the limit for one record, {where}"
    known = {role: value for role, value in about.items() if value}
    return Page(known, content, html, (record.http_charset or "") if http else "")


def _read_html(content: bytes, charset: str) -> dict[str, Any]:
    """What the HTML of a page says: title, language, when it was published, and the text of its main part."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    from resiliparse.parse.html import HTMLTree

    try:
        page = bytes_to_str(content, charset)
    except LookupError:  # no such charset, or one that is none for text, such as hex
        page = bytes_to_str(content, detect_encoding(content, from_html_meta=True) or "utf-8")
    tree: Any = HTMLTree.parse(page)
    # Where no main part is found all of it is taken: the rules and the shape of the page tell the story from the rest.
    text = extract_plain_text(tree, main_content=True, alt_texts=False) or extract_plain_text(tree, alt_texts=False)
    root = tree.document.query_selector("html")
    return {
        "title": (tree.title or "").strip(),
        "language": (root.getattr("lang") or "") if root else "",
        "published": _published(tree),
        "text": text,
    }


def _published(tree: Any) -> str:
    for selector in _PUBLISHED:
        found = tree.document.query_selector(selector)
        if found and (told := found.getattr("content") or found.getattr("datetime")):
            return str(told)
    return ""


class _Stream:
    """Chunks as the kind of file that fastwarc reads from, which asks such files where they are."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = memoryview(b"")
        self._at = 0
        self.end = b""
        """The last four bytes that were read."""

    def read(self, size: int = -1) -> bytes:
        if not self._held:
            self._held = memoryview(next(self._chunks, b""))
        data = bytes(self._held if size < 0 else self._held[:size])
        self._held = self._held[len(data) :]
        self._at += len(data)
        self.end = (self.end + data[-4:])[-4:]
        return data

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        if (offset, whence) not in ((0, 1), (self._at, 0)):
            raise OSError("an archive is read once, from its beginning")
        return self._at
