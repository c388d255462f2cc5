"""LangChain's own integration suite for chat models, for both classes, against the sandbox."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from helpers.ways import FAST
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests

from langchain_novastack import ChatNovastack, NovastackRouter
from langchain_novastack.cards import CARDS
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.language_models import BaseChatModel

BOX = Sandbox(reasoning={"qwen", "deepseek", "claude"})


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGE = b"%PDF-1.1\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _samples_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite fetches its sample image and document from the web; hand it local ones."""

    def get(url: str, **_: Any) -> httpx.Response:
        return httpx.Response(200, content=PAGE if url.endswith(".pdf") else PIXEL)

    monkeypatch.setattr(httpx, "get", get)


@pytest.fixture(autouse=True, scope="module")
def _running() -> Iterator[None]:
    with BOX:
        yield


NOT_FOR_THESE_MODELS = frozenset(
    {
        "test_audio_inputs",  # none of the three takes audio
        # Chat Completions takes text alone in tool messages, and the cards' profiles say so.
        "test_image_tool_message",
        "test_pdf_tool_message",
    }
)
"""Tests of abilities that none of the three models has behind this gateway; the suite itself would skip them."""


class Common(ChatModelIntegrationTests):
    """What both classes can do: everything the suite knows of, except audio and media in tool messages."""

    not_applicable = NOT_FOR_THESE_MODELS

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"base_url": BOX.base_url, "api_key": BOX.api_key, "fast": FAST}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_image_urls(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def enable_vcr_tests(self) -> bool:
        return True

    @property
    def supports_pdf_inputs(self) -> bool:
        return True

    @property
    def supported_usage_metadata_details(self) -> Any:
        return {"invoke": ["reasoning_output", "cache_read_input"], "stream": ["reasoning_output", "cache_read_input"]}

    def _invoke(self, *, stream: bool) -> Any:
        model: Any = self.chat_model_class(**self.chat_model_params)
        prompt = "Think about the number 42, step by step."
        if not stream:
            return model.invoke(prompt)
        first, *rest = list(model.stream(prompt))
        return first + rest

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> Any:
        return self._invoke(stream=stream)

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> Any:
        return self._invoke(stream=stream)

    @pytest.mark.xfail(strict=True, reason="needs a recorded cassette; the sandbox is a live server")
    def test_stream_time(self, model: Any, benchmark: Any, vcr: Any) -> None:
        super().test_stream_time(model, benchmark, vcr)


class TestQwenAlone(Common):
    """`ChatNovastack` for a model without images."""

    not_applicable = NOT_FOR_THESE_MODELS | {"test_image_inputs", "test_pdf_inputs"}

    supports_image_inputs = property(lambda _: False)
    supports_image_urls = property(lambda _: False)
    supports_pdf_inputs = property(lambda _: False)

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatNovastack

    @property
    def model_override_value(self) -> str:
        return "DeepSeek-V4-Pro"


class TestClaudeAlone(Common):
    """`ChatNovastack` for a model that takes images."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatNovastack

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**super().chat_model_params, "model": "claude"}

    @property
    def model_override_value(self) -> str:
        return "Qwen3-235B-A22B"


class TestPlainChatOpenAI(TestClaudeAlone):
    """LangChain's own client, for the sandbox's sake: what passes above is no favour of ours."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        # One pool serves the process, and its connections don't survive their event loop.
        once = {"default_headers": {"Connection": "close"}, "stream_usage": True}
        return {"base_url": BOX.base_url, "api_key": BOX.api_key, "model": "Claude-Opus-4.7", **once}


class TestNovastackRouter(Common):
    """`NovastackRouter`, which sends images to the one that takes them."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return NovastackRouter

    @property
    def model_override_value(self) -> str:
        return "Claude-Opus-4.7"


def test_no_test_of_the_suite_is_overridden() -> None:
    """The suite above is whole: but for the cassette, nothing in it is overridden here."""
    kinds = (Common, TestQwenAlone, TestClaudeAlone, TestPlainChatOpenAI, TestNovastackRouter)
    overridden = {name for kind in kinds for name in vars(kind)}
    assert {name for name in overridden if name.startswith("test_")} == {"test_stream_time"}


def test_what_is_left_out_is_what_the_profiles_say() -> None:
    """A test is left out for a class only where the model's card says that it has no such ability."""
    abilities = {
        "test_audio_inputs": "audio_inputs",
        "test_image_tool_message": "image_tool_message",
        "test_pdf_tool_message": "pdf_tool_message",
        "test_image_inputs": "image_inputs",
        "test_pdf_inputs": "pdf_inputs",
    }
    left_out = {"qwen": TestQwenAlone.not_applicable, "claude": TestClaudeAlone.not_applicable}
    for alias, names in left_out.items():
        assert names == {name for name, ability in abilities.items() if not CARDS[alias].profile[ability]}
    assert TestNovastackRouter.not_applicable == TestClaudeAlone.not_applicable


@pytest.mark.parametrize("kind", [TestQwenAlone, TestClaudeAlone, TestNovastackRouter])
def test_every_ability_is_switched_on(kind: type[Common]) -> None:
    """Whatever switch the suite has is on, but for those of the tests left out."""
    suite = kind()
    switches = [name for name in dir(kind) if name.startswith(("has_", "supports_", "returns_", "enable_"))]
    off = {name for name in switches if not getattr(suite, name)}
    expected = {"supports_audio_inputs", "supports_image_tool_message", "supports_pdf_tool_message"}
    blind = {"supports_image_inputs", "supports_image_urls", "supports_pdf_inputs"} if kind is TestQwenAlone else set()
    assert off == expected | blind | {"supports_video_inputs"}
    details = {"reasoning_output", "cache_read_input"}
    assert {way: set(named) for way, named in suite.supported_usage_metadata_details.items()} == {
        "invoke": details,
        "stream": details,
    }
