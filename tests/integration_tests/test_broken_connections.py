"""Connections that are not made, or break: the reason in fixed words, whose fault it is, and what is asked next."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
import traceback
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import openai
import pytest
import trustme
from helpers.raw_server import CLOSE, RawServer, head, reset, well, whole
from helpers.ways import FAST, WAYS
from langchain_core.exceptions import ModelConnectionError
from langchain_openai import ChatOpenAI

from langchain_novastack import ChatNovastack, NovastackConnectionError, NovastackConnectTimeoutError, NovastackRouter
from langchain_novastack._compat import httpx
from langchain_novastack.fallbacks import breaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.raw_server import Received
    from helpers.ways import Ask

KEY = "sk-0123456789-abcdefghij"
CODE = "Debug this function."
IDS = {"qwen": "Qwen3-235B-A22B", "deepseek": "DeepSeek-V4-Pro"}
CA = trustme.CA()


@pytest.fixture(autouse=True)
def _well_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's health known, since ports come back; and no proxy of the machine's."""
    breaker._BREAKERS.clear()  # noqa: SLF001 - as the fixture of the sandbox does
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        for spelled in {name, name.upper()}:
            monkeypatch.delenv(spelled, raising=False)


def certified(*, ca: trustme.CA = CA, host: str = "127.0.0.1", days: int = 30) -> ssl.SSLContext:
    """Return what a server with a certificate needs."""
    end = dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(host, not_before=end - dt.timedelta(days=60), not_after=end).configure_cert(context)
    return context


def sending(data: bytes) -> Any:
    """Return a handler that sends something, and closes."""

    def handle(_: Received, sock: socket.socket) -> bool:
        sock.sendall(data)
        return CLOSE

    return handle


REFUSING = sending(head("407 Proxy Authentication Required", content_length=0))
FAILING = sending(head("502 Bad Gateway", content_length=0))


class NoTLS(ssl.SSLContext):
    """What a server that speaks plain HTTP where TLS is expected has for it."""

    def wrap_socket(self, sock: socket.socket, *_: Any, **__: Any) -> Any:
        sock.sendall(whole(b"", "400 Bad Request"))
        return sock


class Case(NamedTuple):
    """A gateway that is not reached."""

    url: str
    why: str
    settings: dict[str, Any] = {}  # noqa: RUF012 - read only
    cause: type[BaseException] | None = None


def port_of_nobody() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def served(stack: ExitStack, *args: Any, **kwargs: Any) -> RawServer:
    return stack.enter_context(RawServer(*args, **kwargs))


def hole(stack: ExitStack) -> int:
    """Return the port of a host that does not answer connections: its backlog is full."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _ in range(4):
        filling = stack.enter_context(socket.socket())
        filling.settimeout(0)
        filling.connect_ex(listener.getsockname())
    return int(listener.getsockname()[1])


async def test_a_crowd_that_cannot_connect_fails_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor do those wait who are not yet let to open a connection: with two at once, one after the other took 3 s."""
    monkeypatch.setattr("langchain_novastack.transport.network._AT_ONCE", 2)
    with ExitStack() as stack:
        url = f"http://127.0.0.1:{hole(stack)}/router/v1"
        router = NovastackRouter(base_url=url, api_key=KEY, timeout=httpx.Timeout(5, connect=0.3), skip_after=None)
        began = monotonic()
        ends = await asyncio.gather(*(router.ainvoke("Hi") for _ in range(20)), return_exceptions=True)
        assert {type(end) for end in ends} == {NovastackConnectTimeoutError}
        assert monotonic() - began < 2


def _by_proxy(port: int) -> dict[str, Any]:
    return {"openai_proxy": f"http://bob:{KEY}@127.0.0.1:{port}"}


CASES: dict[str, Any] = {
    "not trusted": lambda stack: Case(
        served(stack, well, tls=certified(ca=trustme.CA())).url,
        "certificate not trusted",
        cause=ssl.SSLCertVerificationError,
    ),
    "expired": lambda stack: Case(
        served(stack, well, tls=certified(days=-1)).url, "certificate expired", cause=ssl.SSLCertVerificationError
    ),
    "not yet valid": lambda stack: Case(
        served(stack, well, tls=certified(days=90)).url,
        "certificate not valid yet",
        cause=ssl.SSLCertVerificationError,
    ),
    "of another host": lambda stack: Case(
        served(stack, well, tls=certified(host="other.example")).url,
        "certificate for another host",
        cause=ssl.SSLCertVerificationError,
    ),
    "no TLS": lambda stack: Case(
        served(stack, well, tls=NoTLS(ssl.PROTOCOL_TLS_SERVER)).url, "no TLS that both sides speak", cause=ssl.SSLError
    ),
    "no such host": lambda _: Case("http://no-such-host.invalid/router/v1", "no such host", cause=socket.gaierror),
    "refused": lambda _: Case(
        f"http://127.0.0.1:{port_of_nobody()}/router/v1", "connection refused", cause=ConnectionRefusedError
    ),
    "late": lambda stack: Case(
        f"http://127.0.0.1:{hole(stack)}/router/v1",
        "connection not made in time",
        {"timeout": httpx.Timeout(10, connect=0.3)},
    ),
    "password of a proxy": lambda stack: Case(
        "https://127.0.0.1:1/router/v1", "the proxy wants a password", _by_proxy(served(stack, REFUSING).port)
    ),
    "password of a proxy, http": lambda stack: Case(
        "http://127.0.0.1:1/router/v1", "the proxy wants a password", _by_proxy(served(stack, REFUSING).port)
    ),
    "a proxy that gets no further": lambda stack: Case(
        "https://127.0.0.1:1/router/v1",
        "the proxy does not let it through",
        _by_proxy(served(stack, FAILING).port),
    ),
    "no proxy there": lambda _: Case(
        "https://127.0.0.1:1/router/v1",
        f"proxy 127.0.0.1:{(port := port_of_nobody())} unreachable, connection refused",
        _by_proxy(port),
        ConnectionRefusedError,
    ),
    "no proxy there, http": lambda _: Case(
        "http://127.0.0.1:1/router/v1",
        f"proxy 127.0.0.1:{(port := port_of_nobody())} unreachable, connection refused",
        _by_proxy(port),
        ConnectionRefusedError,
    ),
}


@contextmanager
def gateway(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Case]:
    """Set up a case; the authority of its certificates is trusted."""
    CA.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with ExitStack() as stack:
        yield CASES[name](stack)


@pytest.mark.parametrize("name", list(CASES))
async def test_the_message_says_why_and_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, ask: Ask, name: str
) -> None:
    """It is the gateway's fault: no second model is asked, no health is charged; and nothing secret is told."""
    with gateway(name, monkeypatch, tmp_path) as case:
        router = NovastackRouter(base_url=case.url, api_key=KEY, fast=FAST, **case.settings)
        with pytest.raises(NovastackConnectionError) as caught:
            await ask(router, CODE)
    error, where = caught.value, case.url.removesuffix("/router/v1").rpartition("/")[2]
    place = where if ":" in where else f"{where}:80"
    assert str(error) == f"Cannot connect to the gateway at {place} for deepseek: {case.why}."
    assert isinstance(error, ModelConnectionError)
    assert isinstance(error, openai.APITimeoutError) is isinstance(error, NovastackConnectTimeoutError)
    assert isinstance(error, NovastackConnectTimeoutError) is (name == "late")
    assert case.cause is None or type(error.__cause__) is case.cause
    assert all(model["failures"] == 0 for model in router.health().values())
    assert KEY not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("name", ["not trusted", "no such host", "refused", "late", "password of a proxy, http"])
async def test_nor_is_another_plain_model_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, ask: Ask, name: str
) -> None:
    """Errors of `ChatOpenAI` itself, by the same table; they are raised as they are."""
    with gateway(name, monkeypatch, tmp_path) as case:
        given: dict[str, Any] = {"base_url": case.url, "api_key": KEY, "max_retries": 0, **case.settings}
        async with httpx.AsyncClient(proxy=given.pop("openai_proxy", None)) as both:
            given |= {"http_client": httpx.Client(proxy=case.settings.get("openai_proxy")), "http_async_client": both}
            models = {alias: ChatOpenAI(model=model, **given) for alias, model in IDS.items()}
            router = NovastackRouter(models=models)
            with pytest.raises(openai.APIError) as caught:
                await ask(router, CODE)
    assert not hasattr(caught.value, "attempts")
    assert all(model["failures"] == 0 for model in router.health().values())


async def test_without_a_timeout_the_sdks_own_holds() -> None:
    """5 seconds to connect and 600 to read, sync and async, for a model alone and in a router."""
    given: dict[str, Any] = {"base_url": "http://127.0.0.1:9/v1", "api_key": KEY}
    for model in (ChatNovastack(**given), *NovastackRouter(**given).models.values()):
        for client in (model.root_client, model.root_async_client):
            assert client.timeout == openai.OpenAI(api_key="any").timeout
            assert (client.timeout.connect, client.timeout.read) == (5, 600)


# ---- a connection that was used before


def breaking(how: Any) -> Any:
    """Return a handler that answers the first request of each connection, and breaks at the second."""

    def handle(request: Received, sock: socket.socket) -> object:
        used = sum(other.connection == request.connection for other in SERVED[-1].requests) > 1
        return (how if used else well)(request, sock)

    return handle


SERVED: list[RawServer] = []


@contextmanager
def serving(handler: Any) -> Iterator[RawServer]:
    with RawServer(handler) as server:
        SERVED.append(server)
        yield server


SILENT: dict[str, Any] = {"closes": sending(b""), "resets": lambda _, sock: reset(sock)}
BEGUN: dict[str, Any] = {
    "half a head": sending(b"HTTP/1.1 200 OK\r\ncontent-ty"),
    "one byte": sending(b"H"),
    "a head": sending(head(content_length=9, content_type="application/json")),
    "no HTTP": sending(b"220 ready\r\n\r\n"),
}


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("how", list(SILENT))
async def test_one_that_was_closed_while_idle_is_nobodys_fault(ask: Ask, how: str, *, fast: bool) -> None:
    """The request goes out once more, over a fresh connection: not a failure, not an attempt, and no wait.

    Streams of the SDK's own types may hang up at their end mark; then no connection is used again.
    """
    with serving(breaking(SILENT[how])) as server:
        router = NovastackRouter(base_url=server.url, api_key=KEY, fast=fast, max_retries=0)
        messages = [await ask(router, CODE) for _ in range(3)]
        health = router.health()
    records = [message.response_metadata["routing"] for message in messages]
    assert [record["model"] for record in records] == ["deepseek"] * 3
    assert [len(record["attempts"]) for record in records] == [1] * 3
    assert health["deepseek"]["failures"] == 0
    assert set(server.models) == {"deepseek"}
    assert (3 if not fast and ask in (WAYS["stream"], WAYS["astream"]) else 4) <= len(server.requests) <= 5


@pytest.mark.parametrize("how", list(BEGUN))
async def test_after_the_first_byte_it_is_the_models(ask: Ask, how: str) -> None:
    def handle(request: Received, sock: socket.socket) -> object:
        return (BEGUN[how] if len(SERVED[-1].requests) == 2 else well)(request, sock)

    with serving(handle) as server:
        router = NovastackRouter(base_url=server.url, api_key=KEY, fast=FAST)
        await ask(router, CODE)
        message = await ask(router, CODE)
    connections = {request.connection for request in server.requests[:2]}
    assert len(connections) == 1 or (not FAST and ask in (WAYS["stream"], WAYS["astream"]))  # the SDK closes those
    assert server.models == ["deepseek", "deepseek", "qwen"]
    assert message.response_metadata["routing"]["fallback"]
    assert router.health()["deepseek"]["failures"] == 1


@pytest.mark.parametrize("how", [*SILENT, *BEGUN])
async def test_on_a_fresh_connection_too(ask: Ask, how: str) -> None:
    def handle(request: Received, sock: socket.socket) -> object:
        handler = {**SILENT, **BEGUN}[how] if request.model == "deepseek" else well
        return handler(request, sock)

    with serving(handle) as server:
        router = NovastackRouter(base_url=server.url, api_key=KEY, fast=FAST)
        await ask(router, CODE)
    assert server.models == ["deepseek", "qwen"]
    assert router.health()["deepseek"]["failures"] == 1


async def test_the_second_try_is_on_a_connection_that_no_request_has_used(ask: Ask) -> None:
    """Eight idle connections, all of them dead: one more request each, not eight."""
    with serving(breaking(SILENT["closes"])) as server:
        model = ChatNovastack(base_url=server.url, api_key=KEY, max_retries=0)
        for _ in range(2):
            await model.abatch([CODE] * 4)
        await ask(model, CODE)
    assert len(server.requests) <= 4 + 4 * 2 + 2


async def test_plain_models_and_clients_of_the_callers(ask: Ask) -> None:
    """The same where the connections are not ours."""
    with serving(breaking(SILENT["closes"])) as server, httpx.Client() as sync:
        async with httpx.AsyncClient() as both:
            given: dict[str, Any] = {"base_url": server.url, "api_key": KEY, "max_retries": 0}
            given |= {"http_client": sync, "http_async_client": both}
            plain = {alias: ChatOpenAI(model=model, **given) for alias, model in IDS.items()}
            for router in (NovastackRouter(models=plain), NovastackRouter(**given)):
                messages = [await ask(router, CODE) for _ in range(3)]
                records = [message.response_metadata["routing"] for message in messages]
                assert [(record["model"], len(record["attempts"])) for record in records] == [("deepseek", 1)] * 3
                assert router.health()["deepseek"]["failures"] == 0
