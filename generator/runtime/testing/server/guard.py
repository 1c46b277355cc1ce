"""Keeps web pages from other sites, and files that run code in a browser, from using the sandbox.

A page of another site can make a browser connect to this machine under a name that the page chose (DNS
rebinding). So only requests for known host names are answered. Stored files come from callers and may be
HTML or SVG. So browsers must neither guess a type nor run what is in them.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...http.hosts import is_loopback

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# The other types, such as HTML and SVG, may contain code. They are sent as bytes.
SAFE_TYPES = (
    *("image/png", "image/jpeg", "image/webp", "image/gif", "text/plain", "application/json"),
    *("video/mp4", "video/quicktime", "video/webm", "audio/wav", "audio/mpeg", "audio/ogg", "audio/mp4"),
)


class Guard:
    """An app in front of another: it refuses unknown hosts, and adds headers for browsers.

    Args:
        allowed_hosts: Host names or addresses to answer for, in addition to those of this machine.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str]) -> None:
        self._app = app
        self._allowed = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        header = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        host = _host_name(header)
        if not is_loopback(host) and host not in self._allowed:
            refusal = Response(
                f"Host {header!r} is not allowed; use an address of this machine, or allow the host\n",
                421,
                media_type="text/plain",
            )
            await refusal(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)


def safe_type(media_type: str) -> str:
    """Return the media type to send for a stored file."""
    return media_type if media_type in SAFE_TYPES else "application/octet-stream"


def _host_name(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
