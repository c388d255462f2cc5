"""Redirects: followed on the same host only, since a request carries the key and the prompt."""

from __future__ import annotations

from langchain_novastack._compat import httpx

_SEE_OTHER = 303
_REBUILT = ("host", "content-length", "transfer-encoding")


def follow_up(request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
    """Return the request that a redirect asks for; None if there is no redirect, or it leads to another host or port.

    Method, body and key go along (RFC 9110 leaves that open for 301 and 302): a request for a completion is nothing
    without them. From `http` to `https` the port may change.
    """
    onward = response.next_request
    if onward is None or not _stays(request.url, onward.url):
        return None
    kept = {name: value for name, value in request.headers.items() if name not in _REBUILT}
    if response.status_code == _SEE_OTHER:
        return httpx.Request("GET", onward.url, headers=kept, extensions=request.extensions)
    return httpx.Request(
        request.method, onward.url, headers=kept, content=request.content, extensions=request.extensions
    )


def _stays(here: httpx.URL, there: httpx.URL) -> bool:
    """Tell whether an address is on the same host and port as another, or the same host with TLS added."""
    added = here.scheme == "http" and there.scheme == "https"
    return here.host == there.host and (added or (here.scheme, here.port) == (there.scheme, there.port))
