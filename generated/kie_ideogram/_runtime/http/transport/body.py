"""Stores the body of a response, decoded, up to the allowed size.

The requests ask for bodies without encoding. A server may encode them anyway, and a few hundred bytes that
are compressed several times expand to gigabytes. So a body is decoded in small pieces, at most once, and its
size is the decoded one.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import IO, TYPE_CHECKING

import httpx

from ...core.effects import Reply, SendRequest
from ...core.errors import DownloadError, PackageError, ResponseFormatError
from .raw_response import record_reply

if TYPE_CHECKING:
    from zlib import _Decompress

# The size of the pieces in which a body is decoded.
_PIECE = 65536


class ResponseBody:
    """The body of one response. `write` takes its chunks as they arrive, `reply` ends it."""

    def __init__(self, effect: SendRequest, response: httpx.Response) -> None:
        self._memory = BytesIO()
        self._sink: IO[bytes] = effect.sink or self._memory
        self._effect = effect
        self._response = response
        self._size = 0
        self._decoder: _Decompress | None = None
        self.wanted = effect.sink is None or response.status_code == 200
        # A mock or an event hook of the caller has read it. Then it is also decoded.
        self.complete = response.is_stream_consumed
        encoding = "" if self.complete else response.headers.get("Content-Encoding", "").strip().lower()
        self._encoding = "" if encoding == "identity" else encoding

    def write(self, chunk: bytes) -> None:
        """Store a chunk. Raises `DownloadError` or `ResponseFormatError` if the body is not acceptable."""
        for piece in self._decoded(chunk) if self._encoding and chunk else (chunk,):
            self._size += len(piece)
            if self._size > self._effect.max_bytes:
                raise self._error(f"is larger than {self._effect.max_bytes:,} bytes")
            self._sink.write(piece)

    def reply(self) -> Reply:
        """Return the reply, after the whole body has arrived."""
        if self.complete and self.wanted:
            self.write(self._response.content)
        if self._decoder and not self._decoder.eof:
            raise httpx.DecodingError("the encoded body is incomplete")
        reply = Reply(self._response.status_code, self._response.headers, self._memory.getvalue())
        if self._effect.received is not None:
            self._effect.received.append(reply)
        return reply if self._effect.sink else record_reply(reply)

    def _decoded(self, chunk: bytes) -> Iterator[bytes]:
        from zlib import error  # imported only for servers that ignore `Accept-Encoding`

        try:
            decoder = self._decoder = self._decoder or self._new_decoder(chunk)
            # Like httpx, this ignores what follows the encoded data.
            while not decoder.eof:
                piece = decoder.decompress(chunk, _PIECE)
                yield piece
                chunk = decoder.unconsumed_tail
                if not chunk and len(piece) < _PIECE:
                    break
        except error as reason:
            raise httpx.DecodingError(str(reason)) from reason

    def _new_decoder(self, start: bytes) -> _Decompress:
        from zlib import MAX_WBITS, decompressobj  # as above

        if self._encoding in ("gzip", "x-gzip"):
            return decompressobj(16 + MAX_WBITS)
        if self._encoding == "deflate":
            # Some servers send the data without the zlib header (RFC 1950) that the standard requires.
            has_header = start[0] & 0x0F == 8 and (len(start) == 1 or int.from_bytes(start[:2]) % 31 == 0)
            return decompressobj(MAX_WBITS if has_header else -MAX_WBITS)
        # The name is not shown: the service chooses it, and it may echo the API key.
        raise self._error("has a Content-Encoding that the client did not ask for and cannot decode")

    def _error(self, problem: str) -> PackageError:
        if self._effect.sink:
            return DownloadError(f"the file {problem}")
        status = self._response.status_code
        return ResponseFormatError(f"the body of the HTTP {status} response {problem}", http_status=status)
