"""`router.check()`: what of a gateway holds, and the remedy for what does not. Twelve that are set up wrongly."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from helpers.raw_server import RawServer, Received, whole

from langchain_novastack import NovastackRouter
from langchain_novastack.cards import CARDS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from langchain_novastack.router.check_up import CheckUp
    from langchain_novastack.sandbox import Sandbox

    Refuses = Callable[[dict[str, Any]], bool]

KEY = "a-very-secret-key-0123456789"
IDS = [card.id for card in CARDS.values()]
MOST = 25


class Gateway:
    """Answers well, but for what it is told to refuse."""

    def __init__(self, *, key: str = KEY, ids: list[str] | None = None, prefix: str = "/router/v1", **how: Any) -> None:
        self.key, self.ids, self.prefix = key, IDS if ids is None else ids, prefix
        self.refuses: Refuses = how.get("refuses", lambda _: False)
        self.listed, self.usage, self.slow = how.get("listed", True), how.get("usage", True), how.get("slow", "")

    def __call__(self, request: Received, sock: socket.socket) -> None:
        status, body = self._answer(request)
        if status == 200 and request.streamed:
            sock.sendall(whole(body, content_type="text/event-stream"))
        else:
            sock.sendall(whole(body, status=f"{status} X"))

    def _answer(self, request: Received) -> tuple[int, bytes]:
        path = request.line.split()[1]
        if not path.startswith(self.prefix):
            return 404, b"<html>not found</html>"
        if request.headers["authorization"] != f"Bearer {self.key}":
            return 401, refusal(f"Incorrect API key provided: {request.headers['authorization']}")
        if path.endswith("/models"):
            listed = {"object": "list", "data": [{"id": id, "object": "model"} for id in self.ids]}
            return (200, json.dumps(listed).encode()) if self.listed else (404, refusal("no such path"))
        given = json.loads(request.body)
        if given["model"] not in self.ids:
            return 404, refusal(f"The model {given['model']} does not exist")
        if self.slow == given["model"] and request.streamed:
            time.sleep(0.6)
        return (400, refusal("unsupported")) if self.refuses(given) else (200, self._completion(given))

    def _completion(self, given: dict[str, Any]) -> bytes:
        message: dict[str, Any] = {"role": "assistant", "content": '{"word": "OK"}'}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        choice = {"index": 0, "finish_reason": "stop", "delta" if given.get("stream") else "message": message}
        body = {"id": "1", "model": given["model"], "choices": [choice], **({"usage": usage} if self.usage else {})}
        text = json.dumps(body).encode()
        return b"data: " + text + b"\n\ndata: [DONE]\n\n" if given.get("stream") else text


def refusal(words: str) -> bytes:
    return json.dumps({"error": {"message": words, "type": "invalid_request_error"}}).encode()


def asks_qwen_for(*names: str) -> Refuses:
    return lambda given: given["model"] == IDS[0] and any(name in given for name in names)


def ends_with_an_answer(given: dict[str, Any]) -> bool:
    return bool(given["messages"][-1]["role"] == "assistant" and given["model"] == IDS[0])


def wants_a_schema(given: dict[str, Any]) -> bool:
    return bool(given["model"] == IDS[0] and given.get("response_format", {}).get("type") == "json_schema")


PLANTED: dict[str, tuple[Gateway, set[tuple[str, str]], str]] = {
    "wrong key": (Gateway(key="another"), {("(gateway)", "key")}, "NOVASTACK_API_KEY"),
    "wrong base": (Gateway(prefix="/elsewhere/v1"), {("(gateway)", "/models"), ("(gateway)", "base")}, "base_url"),
    "one id unknown": (Gateway(ids=["Qwen3-235B-A22B-2507", *IDS[1:]]), {("qwen", "id")}, '"Qwen3-235B-A22B-2507"'),
    "no usage in streams": (Gateway(usage=False), {(alias, "usage") for alias in CARDS}, "stream_usage=False"),
    "tools refused": (Gateway(refuses=asks_qwen_for("tools")), {("qwen", "tools")}, '"tool_calling": False'),
    "schema refused": (Gateway(refuses=wants_a_schema), {("qwen", "schema")}, 'method="function_calling"'),
    "temperature refused": (Gateway(refuses=asks_qwen_for("temperature")), {("qwen", "sampling")}, '"removes":'),
    "prefill refused": (Gateway(refuses=ends_with_an_answer), {("qwen", "prefill")}, '"accepts_prefill": False'),
    "slow model": (Gateway(slow=IDS[1]), {("deepseek", "speed")}, "first_token_timeout="),
    "no models": (Gateway(listed=False), {("(gateway)", "/models")}, "Nothing rests on"),
    "cache marks refused": (
        Gateway(refuses=lambda given: "cache_control" in json.dumps(given)),
        {("claude", "cache marks")},
        '"takes_cache_marks": False',
    ),
    "effort refused": (Gateway(refuses=asks_qwen_for("enable_thinking")), {("qwen", "effort")}, '"efforts":'),
}


def answers_with(status: int, words: str, *, models: bool = True) -> Callable[[Received], tuple[int, bytes] | None]:
    """All alike; or all but `/models`."""
    said = refusal(words)
    return lambda request: (status, said) if models or "/models" not in request.line else None


def asked_with(word: bytes, status: int, words: str) -> Callable[[Received], tuple[int, bytes] | None]:
    return lambda request: (status, refusal(words)) if word in request.body else None


def lists(body: bytes) -> Callable[[Received], tuple[int, bytes] | None]:
    return lambda request: (200, body) if "/models" in request.line else None


WORDED: dict[str, tuple[Any, set[tuple[str, str]], str]] = {
    "a wrong key is a 403": (answers_with(403, "Forbidden"), {("(gateway)", "key")}, "key"),
    "a wrong key is a 400": (
        answers_with(400, "API key not valid.", models=False),
        {(alias, "key") for alias in CARDS},
        "NOVASTACK_API_KEY",
    ),
    "all of it is down": (
        answers_with(503, "Down."),
        {("(gateway)", "/models"), *((alias, "answer") for alias in CARDS)},
        "plain request",
    ),
    "an id is refused in words": (
        asked_with(b"DeepSeek", 400, "DeepSeek-V4-Pro is not a valid model ID"),
        {("deepseek", "id")},
        '"the id"',
    ),
    "an id is not served": (
        asked_with(b"DeepSeek", 503, "No available channel for model DeepSeek-V4-Pro under group default"),
        {("deepseek", "id")},
        '"the id"',
    ),
    "nobody may ask for usage": (
        asked_with(b"stream_options", 400, "Unrecognized request argument supplied: stream_options"),
        {(alias, "usage") for alias in CARDS},
        "stream_usage=False",
    ),
    "the key may not read the list": (
        lambda request: (401, refusal("No.")) if "/models" in request.line else None,
        {("(gateway)", "/models")},
        "Nothing rests on",
    ),
    "the list hangs up": (
        lambda request: (0, b"") if "/models" in request.line else None,
        {("(gateway)", "/models")},
        "Nothing rests on",
    ),
    "nothing is left to spend": (
        answers_with(402, "Insufficient credits.", models=False),
        {(alias, "credit") for alias in CARDS},
        "top up",
    ),
    "the quota is used up": (
        answers_with(429, "You exceeded your current quota, please check your plan and billing details.", models=False),
        {(alias, "credit") for alias in CARDS},
        "top up",
    ),
    "a page in place of the list": (lists(b"<!doctype html>"), {("(gateway)", "/models")}, "Nothing rests on"),
    "nothing in place of the list": (lists(b"{}"), {("(gateway)", "/models")}, "Nothing rests on"),
}


@pytest.mark.parametrize("planted", WORDED)
def test_what_is_wrong_is_known_by_its_words_too(planted: str) -> None:
    said, wrong, remedy = WORDED[planted]
    plain = Gateway()

    def gateway(request: Received, sock: socket.socket) -> object:
        answer = said(request)
        if answer is None:
            plain(request, sock)
        elif answer[0]:
            sock.sendall(whole(answer[1], status=f"{answer[0]} X"))
        return answer is None or answer[0] > 0

    with RawServer(gateway) as server:
        found = NovastackRouter(base_url=server.url, api_key=KEY).check()
    failed = [each for each in found.findings if each.holds is False]
    assert {(each.model, each.what) for each in failed} == wrong
    assert any(remedy in each.remedy for each in failed)
    assert not any(word in each.found for each in failed for word in ("AttributeError", "TypeError"))
    assert len(server.requests) <= MOST


def test_an_id_that_is_another_model_s_is_not_proposed() -> None:
    with RawServer(Gateway(ids=["gemini-2.5-pro", *IDS[1:]])) as server:
        found = NovastackRouter(base_url=server.url, api_key=KEY).check()
    (wrong,) = (each for each in found.findings if each.holds is False)
    assert (wrong.model, wrong.what) == ("qwen", "id")
    assert "gemini" not in wrong.remedy


def test_a_schema_that_is_ignored_is_told_in_words(box: Sandbox, router: NovastackRouter) -> None:
    box.answer("qwen", "Sure!", times=5)
    (wrong,) = (each for each in router.check().findings if each.holds is False)
    assert (wrong.model, wrong.what) == ("qwen", "schema")
    assert "schema" in wrong.found


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("planted", PLANTED)
async def test_what_is_set_up_wrongly_is_named_with_its_remedy(planted: str, *, asynchronous: bool) -> None:
    gateway, wrong, remedy = PLANTED[planted]
    with RawServer(gateway) as server:
        router = NovastackRouter(base_url=server.url, api_key=KEY)
        slow_after = 0.3 if planted == "slow model" else 5.0
        found = await router.acheck(slow_after) if asynchronous else router.check(slow_after)
    assert {(each.model, each.what) for each in found.findings if each.holds is False} == wrong
    assert not found.ok
    assert len(server.requests) <= MOST
    said = " ".join(str(found).split())
    assert any(remedy in each.remedy for each in found.findings)
    assert all(" ".join(each.remedy.split()) in said for each in found.findings)
    assert all(" ".join(each.found.rstrip(".").split()) in said for each in found.findings if each.remedy)
    for view in (said, found._repr_html_(), repr(found), json.dumps(found.to_records())):
        assert KEY not in view
        assert "very-secret" not in view


def test_a_gateway_that_refuses_all_but_plain_requests_is_asked_no_more_than_that() -> None:
    """Each question is then a request of its own."""
    bare = {"model", "messages", "stream", "stream_options", "max_tokens"}
    marked = Gateway(refuses=lambda given: bool(given.keys() - bare) or "cache_control" in json.dumps(given))
    with RawServer(marked) as server:
        found = NovastackRouter(base_url=server.url, api_key=KEY).check()
    wrong = {(each.model, each.what) for each in found.findings if each.holds is False}
    assert wrong >= {(alias, what) for alias in CARDS for what in ("tools", "schema", "effort")}
    assert ("claude", "cache marks") in wrong
    assert len(server.requests) <= MOST


def test_what_holds_is_said_too(box: Sandbox, router: NovastackRouter) -> None:
    found: CheckUp = router.check()
    assert found.ok, str(found)
    assert [request.path.rpartition("/")[2] for request in box.requests].count("completions") == 6, "each model twice"
    assert len(box.requests) == 7
    not_asked = {(each.model, each.what) for each in found.findings if each.holds is None}
    assert not_asked == {("claude", "prefill"), ("qwen", "cache marks"), ("deepseek", "cache marks")}
    assert {each.found for each in found.findings if each.what == "tools"} == {"called"}
    assert router.health()["qwen"]["failures"] == 0


def test_a_gateway_that_is_not_there(box: Sandbox) -> None:
    router = NovastackRouter(base_url=box.base_url, api_key=box.api_key)
    box.close()
    (finding,) = router.check().findings
    assert (finding.what, finding.holds) == ("base", False)
    assert "base_url" in finding.remedy
