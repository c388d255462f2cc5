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
    if onward is None:
        return None
    here, there = request.url, onward.url
    has_tls_added = here.scheme == "http" and there.scheme == "https"
    if here.host != there.host or not (has_tls_added or (here.scheme, here.port) == (there.scheme, there.port)):
        return None
    kept = {name: value for name, value in request.headers.items() if name not in _REBUILT}
    method, content = ("GET", None) if response.status_code == _SEE_OTHER else (request.method, request.content)
    return httpx.Request(method, there, headers=kept, content=content, extensions=request.extensions)
