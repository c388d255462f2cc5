"""Why a connection was not made, or broke: in fixed words, with host and port and without a secret.

What says why lies underneath what the HTTP library raises: an error of the socket, of TLS or of the name lookup. Where
that is not enough (was the connection used before, has a byte come, was it the proxy), this looks at the connections of
httpcore that the error came through, by private names; `tests/integration_tests/test_broken_connections.py` breaks when
one moves.
"""

from __future__ import annotations

import errno
from contextlib import suppress
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

import openai

from langchain_novastack import errors
from langchain_novastack.dialects import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BROKEN = ("ReadError", "WriteError")
_CLOSED = "Server disconnected"  # as httpcore says of one that ends before the head of an answer
_HEADS = {"handle_request", "handle_async_request"}  # of httpcore's connections; return once the head is there
_PROXY_WANTS_PASSWORD = 407
_PORTS = {"http": 80, "https": 443}


def is_of_request(error: BaseException) -> bool:
    """Tell whether an error says that no whole answer came: one of the SDK, or of any version of its HTTP library."""
    names = (kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith("httpx"))
    return isinstance(error, openai.APIConnectionError) or "RequestError" in names


def from_connection(error: Exception, model: str, masked: Callable[[str], str]) -> Exception:
    """Return the error to raise for a failure that has no status: not connected, broken off, late or unreadable.

    `masked` takes what is secret out of a text.
    """
    if loop := closed_loop(error):
        return loop
    kind = errors.class_for(error) or errors.NovastackConnectionError
    if kind is errors.NovastackTimeoutError:
        return kind(f"{model} did not answer in time.", model=model)
    causes = _chain(error)
    why = next(filter(None, map(_reason, reversed(causes))), "")
    if not issubclass(kind, errors.NovastackConnectionError):
        return kind(f"{model} sent {why or 'an unreadable answer'}.", model=model)
    if kind is errors.NovastackConnectTimeoutError and not why.endswith("in time"):
        kind = errors.NovastackConnectionError  # the system gave up, not a limit of ours
    broke, place, why = kind is errors.NovastackDisconnectedError, _place(causes), _of_proxy(error, why)
    what = f"The connection to the gateway{place} broke" if broke else f"Cannot connect to the gateway{place}"
    failure = kind(f"{what} for {model}{': ' if why else ''}{why}.", model=model)
    failure.__cause__ = _harmless(causes, masked)
    return failure


def from_unreached(error: openai.APIStatusError, model: str) -> errors.NovastackError | None:
    """Return the error for a status that says that the gateway was not reached; None for one that is the gateway's."""
    onward, why = error.response.next_request, "the proxy wants a password"
    if onward is not None:
        why = f"it redirects to another host or port, {onward.url.scheme}://{_server(onward.url)}"
    elif error.status_code != _PROXY_WANTS_PASSWORD:
        return None
    told = f"Cannot connect to the gateway{_place([error])} for {model}: {why}."
    return errors.NovastackConnectionError(told, model=model, status=error.status_code)


def closed_loop(error: BaseException) -> RuntimeError | None:
    """Return the closed event loop at the bottom of an error, which the SDK reports as a connection error."""
    loops = (cause for cause in _chain(error) if isinstance(cause, RuntimeError))
    return next((cause for cause in loops if "Event loop is closed" in str(cause)), None)


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error and what caused it, down to the bottom: of httpcore's errors, which hide it, their context too.

    The context of others may be the caller's own error.
    """
    chain = [error]
    for each in chain:  # which grows
        hidden = each.__context__ if type(each).__module__.startswith("httpcore") else None
        group = getattr(each, "exceptions", ())  # of several addresses of a name
        chain += [cause for cause in (each.__cause__ or hidden, *group) if cause is not None and cause not in chain]
    return chain


def _reason(cause: BaseException) -> str | None:
    """Return what one error of a chain says; None if it says nothing."""
    names = {kind.__name__ for kind in type(cause).__mro__}
    number = errno.errorcode.get(getattr(cause, "errno", None) or 0)
    said = f"verify_code={getattr(cause, 'verify_code', None)} errno={number} {cause}"
    rows: list[dict[str, str]] = table("connections")["reasons"]
    return next((row["why"] for row in rows if row["name"] in names and row["part"] in said), None)


def _place(causes: list[BaseException]) -> str:
    """Return " at host:port" of the last request that an error names; "" if none does."""
    place = ""
    for cause in causes:
        with suppress(AttributeError, RuntimeError):  # the HTTP library's way to say that there is none
            place = f" at {_server(cause.request.url)}"  # type: ignore[attr-defined] # or it has none
    return place


def _server(url: Any) -> str:
    """Return host and port of an address, and nothing else of it: user and path may be secret."""
    host, port = url.host if isinstance(url.host, str) else url.host.decode("ascii"), url.port or _PORTS.get(url.scheme)
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"


def _of_proxy(error: BaseException, why: str) -> str:
    """Return a reason, and that it is the proxy's where that could not be reached."""
    for connection, names in _connections(error):
        origin = getattr(connection, "_proxy_origin", None)
        if origin is not None and not names.isdisjoint({"_connect", "connect_tcp"}):
            return f"proxy {_server(origin)} unreachable" + (f", {why}" if why else "")
    return why


def _connections(error: BaseException) -> Iterator[tuple[Any, set[str]]]:
    """Yield the objects of httpcore whose methods an error came through, with the names of all functions on its way."""
    for cause in _chain(error):
        frames = [frame for frame, _ in walk_tb(cause.__traceback__)]
        names = {frame.f_code.co_name for frame in frames}
        for frame in frames:
            owner = frame.f_locals.get("self")
            if frame.f_code.co_name in _HEADS and type(owner).__module__.startswith("httpcore"):
                yield owner, names


def broke_unanswered(error: BaseException) -> bool:
    """Tell whether a connection that had been used before broke before a byte of this answer.

    Such a connection was closed by the other side while it was idle, as load balancers do; the request has met nobody.
    """
    if errors.class_for(error) is not errors.NovastackDisconnectedError:
        return False
    ends = (type(cause).__name__ in _BROKEN or str(cause).startswith(_CLOSED) for cause in _chain(error))
    used = [owner for owner, _ in _connections(error) if getattr(owner, "_request_count", 1) > 1]
    begun = (getattr(owner, "_h11_state", None) for owner in used)  # has the bytes of an answer that broke in its head
    return any(ends) and any(state is None or not state.trailing_data[0] for state in begun)


def _harmless(causes: list[BaseException], masked: Callable[[str], str]) -> OSError | None:
    """Return what lies at the bottom, without the frames that led to it: they, and requests in errors, hold the key."""
    for cause in reversed(causes):
        if isinstance(cause, OSError):
            cause.__cause__ = cause.__context__ = None
            return cause.with_traceback(None)
        if type(cause).__module__.startswith("httpx"):
            return ConnectionError(f"{type(cause).__name__}: {masked(str(cause))}")
    return None
