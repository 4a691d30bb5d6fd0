"""Bodies of HTTP answers, as crawlers stored them: chunks joined, compression undone.

Owns: the codings a header may name, and when a body is not what its headers say. Must not know: archives, what a page holds.
Headers are often false (a crawler that stores what it unpacked, under the headers it got), so each body is judged by itself.
"""

from __future__ import annotations

import zlib


def decoded(body: bytes, transfer: str, content: str, longest: int) -> bytes:
    """What a body says once its Transfer-Encoding and Content-Encoding (names, comma-separated) are undone.

    At most longest + 1 bytes are made, so that more than `longest` tells of a body that swells. A coding that none has heard
    of (often a charset at the wrong place) says nothing about the body. ValueError says why a body cannot be decoded.
    """
    for coding in reversed([*_names(content), *_names(transfer)]):
        body = _without(coding, body, longest)
    return body


def _names(header: str) -> list[str]:
    return [name.strip().lower().removeprefix("x-") for name in header.split(",")]


def _without(coding: str, body: bytes, longest: int) -> bytes:
    if not body:
        return body
    if coding == "chunked":
        return _joined(body)
    if coding == "gzip":
        return _inflated(body, 31, longest)
    if coding == "deflate":  # by its definition in a zlib frame, by some servers without
        return _inflated(body, 15 if body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0 else -15, longest)
    if coding in ("br", "zstd"):
        return _arrow_read(body, coding, longest)
    return body


def _joined(body: bytes) -> bytes:
    """RFC 9112, section 7.1: a size in hexadecimal digits, the chunk, and again until the size is 0."""
    parts, at = list[bytes](), 0
    while True:
        end = body.find(b"\r\n", at)
        size = body[at : max(end, at)].partition(b";")[0].strip()
        if not size or size.strip(b"0123456789abcdefABCDEF"):
            raise ValueError("not the chunks that its header Transfer-Encoding tells of")
        start, at = end + 2, end + 2 + int(size, 16) + 2
        if start == at - 2:
            return b"".join(parts)
        if at > len(body):
            raise ValueError("the page breaks off inside a chunk")
        parts.append(body[start : at - 2])


def _inflated(body: bytes, frame: int, longest: int) -> bytes:
    """frame: `wbits` of zlib."""
    parts, left = list[bytes](), longest + 1
    try:
        while body and left > 0:
            stream = zlib.decompressobj(frame)
            parts.append(stream.decompress(body, left))
            left -= len(parts[-1])
            if not stream.eof and left > 0:
                raise ValueError("the compressed page ends early")
            body = stream.unused_data if stream.unused_data.startswith(b"\x1f\x8b") else b""  # .gz may go on, zlib not
    except zlib.error as error:
        raise ValueError(f"not compressed as its header Content-Encoding says ({error})") from None
    return b"".join(parts)


def _arrow_read(body: bytes, coding: str, longest: int) -> bytes:
    import pyarrow as pa

    try:
        return pa.CompressedInputStream(pa.BufferReader(body), {"br": "brotli"}.get(coding, coding)).read(longest + 1)
    except (OSError, pa.ArrowNotImplementedError) as error:  # ArrowNotImplementedError: a pyarrow built without Brotli
        raise ValueError(f"not compressed as its header Content-Encoding says ({error})") from None
