"""Arguments of `ChatOpenAI`: each works on a router, under all of its names, or says what to use instead."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.load import dumps, loads
from langchain_core.rate_limiters import InMemoryRateLimiter
from langchain_core.runnables import ConfigurableField
from langchain_openai import ChatOpenAI

from langchain_novastack import NovastackRouter
from langchain_novastack.cards import CLAUDE, QWEN, Price

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

PASSED_ON: dict[str, Any] = {
    "api_key": "k2",
    "base_url": "http://127.0.0.1:9/v2",
    "cache": InMemoryCache(),
    "custom_get_token_ids": lambda _text: [1],
    "default_headers": {"X-Team": "a"},
    "default_query": {"team": "a"},
    "disable_streaming": True,
    "disabled_params": {"seed": None},
    "extra_body": {"top_k": 4},
    "frequency_penalty": 0.25,
    "http_async_client": None,
    "http_client": None,
    "http_socket_options": [],
    "include_response_headers": True,
    "logit_bias": {7: -1},
    "logprobs": True,
    "max_completion_tokens": 55,
    "max_retries": 5,
    "max_tokens": 55,
    "model_kwargs": {"user": "a"},
    "openai_api_base": "http://127.0.0.1:9/v2",
    "openai_api_key": "k2",
    "openai_organization": "org",
    "openai_proxy": "http://127.0.0.1:9",
    "organization": "org",
    "output_version": "v1",
    "presence_penalty": 0.25,
    "prompt_cache_options": {"mode": "explicit"},
    "rate_limiter": InMemoryRateLimiter(),
    "reasoning_effort": "low",
    "request_timeout": 7.5,
    "seed": 3,
    "service_tier": "flex",
    "stop": ["END"],
    "stop_sequences": ["END"],
    "store": False,
    "stream_chunk_timeout": 7.5,
    "stream_usage": False,
    "streaming": True,
    "temperature": 0.25,
    "tiktoken_model_name": "gpt-4o",
    "timeout": 7.5,
    "top_logprobs": 2,
    "top_p": 0.5,
    "verbose": True,
    "verbosity": "low",
}
"""A value for each argument that goes to the models."""

PLACE = {"base_url": "http://127.0.0.1:9/v1", "api_key": "k"}

PRICE = Price(input=1, output=2)

ROUTERS = {"callbacks", "metadata", "name", "profile", "tags"}
"""Arguments of every chat model that a router keeps for itself."""

REFUSED = {
    "async_client", "client", "context_management", "include", "model", "model_name", "n", "reasoning",
    "root_async_client", "root_client", "truncation", "use_previous_response_id", "use_responses_api",
}  # fmt: skip
"""Arguments that make no sense on a router."""


def names_of(kind: Any) -> set[str]:
    """Return every name under which a class takes an argument."""
    return {name for key, field in kind.model_fields.items() for name in (key, field.alias or key)}


def test_no_argument_is_left_out() -> None:
    assert names_of(ChatOpenAI) <= PASSED_ON.keys() | ROUTERS | REFUSED


@pytest.mark.parametrize("name", PASSED_ON)
def test_an_argument_reaches_the_models(name: str) -> None:
    fields = {field.alias or key: key for key, field in ChatOpenAI.model_fields.items()}
    given = {name: PASSED_ON[name]}
    taken = {"openai_api_base": "base_url", "openai_api_key": "api_key"}.get(name, name)
    place = {key: value for key, value in PLACE.items() if key != taken}
    alone: Any = ChatOpenAI(**{"model": "m", **place, **given})
    for model in NovastackRouter(**place, **given).models.values():
        assert getattr(model, fields.get(name, name)) == getattr(alone, fields.get(name, name))


async def test_what_is_sent(make: Make, box: Sandbox, ask: Ask) -> None:
    given = {"service_tier": "flex", "verbosity": "low", "max_completion_tokens": 55, "stop_sequences": ["E"]}
    await ask(make(**given, openai_organization="org"), "Hello")
    (request,) = box.requests
    sent = {**given, "max_tokens": 55, "stop": ["E"]}
    assert request.headers["openai-organization"] == "org"
    for name in ("service_tier", "verbosity", "max_tokens", "stop"):
        assert request.body[name] == sent[name]


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("response_format", "with_structured_output"), ("tools", "bind_tools"), ("tool_choice", "bind_tools"),
        ("user", "model_kwargs"), ("proxy", "openai_proxy"), ("previous_response_id", "messages"),
    ],
)  # fmt: skip
def test_what_a_request_has_says_where_it_goes(make: Make, name: str, instead: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be left out: .*{instead}"):
        make(**{name: 3})


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_an_argument_is_refused_with_what_to_use_instead(make: Make, name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be left out: [A-z`]+"):
        make(**{name: 3})


@pytest.mark.parametrize(
    ("typo", "meant"),
    [("temprature", "temperature"), ("max_token", "max_tokens"), ("deadlin", "deadline"), ("fallback", "fallbacks")],
)
def test_a_typo_gets_a_suggestion(make: Make, typo: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"`{typo}` must be .*did you mean `{meant}`"):
        make(**{typo: "private"})


def test_what_nothing_is_like_is_refused_too(make: Make) -> None:
    with pytest.raises(ValueError, match=r"`zzz` must be an argument of `NovastackRouter`") as raised:
        make(zzz="private")
    assert "private" not in str(raised.value)


def test_one_argument_under_two_names(make: Make) -> None:
    """The shorter one wins, as in `ChatOpenAI`."""
    for given in ({"timeout": 5, "request_timeout": 6}, {"request_timeout": 6, "timeout": 5}):
        assert ChatOpenAI(model="m", api_key="k", **given).request_timeout == make(**given).timeout == 5


async def test_timeouts_of_either_http_library(make: Make, box: Sandbox, ask: Ask) -> None:
    """`httpx` comes with LangChain also where the SDK uses `httpx2`."""
    await ask(make(timeout=httpx.Timeout(5)), "Hi.")
    await ask(make(deadline=5), "Hi.", timeout=httpx.Timeout(5))
    own = httpx.Timeout(0.2)
    box.fail("qwen", kind="silent", seconds=1, times=2)
    for settings, options in (({"timeout": own}, {}), ({}, {"timeout": own})):
        with pytest.raises(openai.APITimeoutError):
            await ask(make(max_retries=0, **settings), "Hi.", **options)


async def test_no_attribute_that_others_set_changes_what_is_sent(make: Make, box: Sandbox, ask: Ask) -> None:
    """`n` in particular: a package that finds the attribute sets it, and expects so many answers from `generate`."""
    router = make()
    assert not hasattr(router, "n")
    with pytest.raises(ValueError, match="n"):
        router.n = 3
    await ask(router, "Hello")
    assert "n" not in box.requests[-1].body


async def test_such_arguments_are_configurable_and_travel(make: Make, box: Sandbox, ask: Ask) -> None:
    flexible = make().configurable_fields(service_tier=ConfigurableField(id="tier"))
    await ask(flexible, "Hello", {"configurable": {"tier": "flex"}})
    there: Any = pickle.loads(pickle.dumps(make(service_tier="flex")))  # noqa: S301 - our own
    await ask(there, "Hello")
    text = dumps(NovastackRouter(openai_api_key=box.api_key, openai_api_base=box.base_url, service_tier="flex"))
    loaded = loads(
        text,
        secrets_map={"NOVASTACK_API_KEY": box.api_key},
        allowed_objects=[NovastackRouter],
        valid_namespaces=["langchain_novastack"],
    )
    await ask(loaded, "Hello")
    assert [request.body["service_tier"] for request in box.requests] == ["flex"] * 3


async def test_a_card_of_ones_own(make: Make, box: Sandbox, ask: Ask) -> None:
    """It is for the model that it is of; None switches the rules of all off."""
    mine = CLAUDE.model_copy(update={"removes": ("temperature", "top_p", "seed")})
    for card, sent in ((mine, None), ("auto", 4), (None, 4)):
        temperature = None if card is None else 0.7  # which the sandbox refuses, as the maker does
        router: Any = make(card=card, seed=4, temperature=temperature, prices=card and {"claude": PRICE})
        message = await ask(router, "Hello", model="claude")
        assert box.requests[-1].body.get("seed") == sent
        assert router.models["qwen"].card_for(QWEN.id) == (card and QWEN)
        assert ("cost_estimate" in message.response_metadata) == bool(card)


def test_cards_that_cannot_be(make: Make) -> None:
    with pytest.raises(ValueError, match="`card` must be of a known model"):
        make(card=QWEN.model_copy(update={"alias": "other", "id": "other", "names": ()}))
    with pytest.raises(ValueError, match="`prices` must be left out where `card` is None"):
        make(card=None, prices={"qwen": PRICE})


def test_lines_of_fallbacks_go_over_the_default_ones(make: Make) -> None:
    def lines(fallbacks: Any) -> dict[str, list[str]]:
        return {alias: list(branch.aliases[1:]) for alias, branch in make(fallbacks=fallbacks).branches.items()}

    usual = {"qwen": [], "deepseek": ["qwen"], "claude": ["qwen"]}
    assert lines(None) == usual
    assert lines({"qwen": ["deepseek"]}) == {**usual, "qwen": ["deepseek"]}
    assert lines({"claude": ["deepseek", "qwen"]}) == {**usual, "claude": ["deepseek", "qwen"]}
    assert lines({"DeepSeek-V4-Pro": []}) == {**usual, "deepseek": []}
    assert lines({}) == {"qwen": [], "deepseek": [], "claude": []}
