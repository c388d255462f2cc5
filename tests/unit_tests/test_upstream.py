"""The private names of other packages that this one rests on: a release that moves one shows here first."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from typing import Any

import openai
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_model_stream import AsyncChatModelStream
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.runnables import RunnableBinding
from langchain_openai import ChatOpenAI

from langchain_novastack import ChatNovastack
from langchain_novastack.cards import CARDS
from langchain_novastack.fallbacks.rules import CALLERS, EMPTY, READERS

HOOKS: list[tuple[type[Any], str, set[str]]] = [
    (ChatOpenAI, "_get_request_payload", {"input_", "stop", "kwargs"}),
    (ChatOpenAI, "_create_chat_result", {"response", "generation_info"}),
    (ChatOpenAI, "_convert_chunk_to_generation_chunk", {"chunk", "default_chunk_class", "base_generation_info"}),
    (ChatOpenAI, "_should_stream_usage", {"stream_usage", "kwargs"}),
    (ChatOpenAI, "_ensure_sync_client_available", {"self"}),
    (ChatOpenAI, "_generate", {"messages", "stop", "run_manager", "kwargs"}),
    (ChatOpenAI, "_agenerate", {"messages", "stop", "run_manager", "kwargs"}),
    (BaseChatModel, "_convert_input", {"model_input"}),
    (BaseChatModel, "generate_prompt", {"prompts", "stop", "callbacks", "kwargs"}),
    (BaseChatModel, "_generate_with_cache", {"messages", "stop", "run_manager", "kwargs"}),
    (BaseChatModel, "_agenerate_with_cache", {"messages", "stop", "run_manager", "kwargs"}),
    (BaseChatModel, "_should_stream", {"async_api", "run_manager", "kwargs"}),
    (openai.OpenAI, "_send_request", {"request", "stream"}),
    (openai.AsyncOpenAI, "_send_request", {"request", "stream"}),
    (openai.OpenAI, "_prepare_options", {"options"}),
    (openai.OpenAI, "_build_request", {"options"}),
    (openai.OpenAI, "_should_retry", {"response"}),
    (openai.OpenAI, "_calculate_retry_timeout", {"remaining_retries", "options", "response_headers"}),
    (openai.OpenAI, "_make_sse_decoder", {"self"}),
    (BaseChatModel, "_resolve_model_profile", {"self"}),
    (RunnableBinding, "_merge_configs", {"configs"}),
]


@pytest.mark.parametrize(
    ("kind", "name", "arguments"), HOOKS, ids=[f"{kind.__name__}.{name}" for kind, name, _ in HOOKS]
)
def test_hooks_are_where_we_fill_them_in(kind: type[Any], name: str, arguments: set[str]) -> None:
    assert arguments <= set(inspect.signature(getattr(kind, name)).parameters)


DEFAULTS: dict[str, Any] = {"temperature": 0.7, "max_tokens": 4096}
SETTINGS: list[dict[str, Any]] = [
    {},
    {"temperature": 0.1, "max_tokens": 7, "stop": ["."]},
    {"temperature": 0.5, "model_kwargs": {"user": "me"}},
]
CALLS: list[dict[str, Any]] = [
    {},
    {"stop": ["!"]},
    {"model": "other", "temperature": 0.9, "max_tokens": 3},
    {"temperature": 0, "max_tokens": 5},
]


@pytest.mark.parametrize("call", CALLS, ids=str)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_trace_is_told_the_same_of_a_call_as_by_chatopenai(settings: dict[str, Any], call: dict[str, Any]) -> None:
    """Our own way to `ls_...` says what theirs says, in fewer steps; only the provider differs."""
    settings = {"model": "own", "api_key": "k", "base_url": "http://127.0.0.1:9", **DEFAULTS, **settings}
    ours = ChatNovastack(**settings, card=None)._get_ls_params(**call)  # noqa: SLF001 - core's, as it asks
    theirs = ChatOpenAI(**settings)._get_ls_params(**call)  # noqa: SLF001 - the same
    assert ours == {**theirs, "ls_provider": "novastack"}


CALL = {"name": "add", "args": {"a": 1}, "id": "c1"}
MESSAGES: list[BaseMessage] = [
    SystemMessage("Be brief."),
    SystemMessage("Be kind.", additional_kwargs={"__openai_role__": "developer"}),
    HumanMessage("Hi.", name="Ada"),
    HumanMessage([{"type": "text", "text": "Look."}, {"type": "image", "url": "http://127.0.0.1:9/a.png"}]),
    AIMessage("Hello.", additional_kwargs={"refusal": None, "reasoning_content": "Hm."}),
    AIMessageChunk(content="Well"),
    AIMessage("", tool_calls=[CALL]),
    AIMessage("", additional_kwargs={"function_call": {"name": "add", "arguments": "{}"}}),
    ToolMessage("2", tool_call_id="c1", name="add"),
    ToolMessage([{"type": "text", "text": "3"}], tool_call_id="c1"),
    ChatMessage(content="x", role="user"),
    AIMessage("sound", additional_kwargs={"audio": {"id": "a"}}),
    AIMessage(""),
]


@pytest.mark.parametrize("model", ["own", "o3-mini"])
def test_messages_are_sent_as_chatopenai_sends_them(model: str) -> None:
    """Those of text alone are written by us, in fewer steps."""
    settings = {"model": model, "api_key": "k", "base_url": "http://127.0.0.1:9"}
    ours = ChatNovastack(**settings)._get_request_payload(MESSAGES)  # noqa: SLF001 - the hook itself
    theirs = ChatOpenAI(**settings, use_responses_api=False)._get_request_payload(MESSAGES)  # noqa: SLF001 - as above
    assert json.dumps(ours["messages"]) == json.dumps(theirs["messages"])


def test_a_trace_is_told_what_is_sent() -> None:
    """Where `ChatOpenAI` misses it: another name of the limit, what a card removes; and what a subclass makes of it."""

    class Warm(ChatNovastack):
        @property
        def _default_params(self) -> dict[str, Any]:
            return {**super()._default_params, "temperature": 0.11}

    said = Warm(api_key="k", stop=["a"])._get_ls_params(max_completion_tokens=5)  # noqa: SLF001 - core's, as it asks
    assert (said["ls_temperature"], said["ls_max_tokens"], said["ls_stop"]) == (0.11, 5, ["a"])
    bare = CARDS["qwen"].model_copy(update={"removes": ("stop", "max_tokens", "temperature")})
    said = ChatNovastack(api_key="k", stop=["a"], card=bare)._get_ls_params(stop=["b"])  # noqa: SLF001 - core's
    assert not {"ls_temperature", "ls_max_tokens", "ls_stop"} & said.keys()


def test_the_sdk_keeps_what_it_adds_to_requests_in_two_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers also come from the environment; a request that is not built by the SDK must have both."""
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Leak: leak")
    kept = vars(openai.OpenAI(api_key="k", default_query={"a": "1"}))
    assert ("X-Leak" in kept["_custom_headers"], kept["_custom_query"]) == (True, {"a": "1"})


def test_core_offers_its_third_protocol_in_two_halves() -> None:
    from langchain_core.language_models import _compat_bridge  # noqa: PLC0415 - that it can be imported is the test

    assert inspect.isgeneratorfunction(_compat_bridge.chunks_to_events)
    assert inspect.isasyncgenfunction(_compat_bridge.achunks_to_events)
    assert AsyncChatModelStream()._producer_task is None  # noqa: SLF001 - what `events` fills in


@pytest.mark.parametrize(
    ("module", "name"), sorted(READERS | EMPTY | CALLERS), ids=lambda part: part.rpartition(".")[2]
)
def test_answers_are_read_where_faults_looks(module: str, name: str) -> None:
    """An error of Python's own counts as the gateway's only if one of these functions raised it."""
    source = inspect.getsource(importlib.import_module(module))
    assert re.search(rf"^ *(async )?def {name}\(", source, flags=re.MULTILINE)
