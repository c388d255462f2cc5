"""LangChain's own integration suite for chat models, for both classes, against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import FAST
from langchain_novastack import ChatNovastack, NovastackRouter
from langchain_novastack.sandbox import Sandbox
from langchain_tests.integration_tests import ChatModelIntegrationTests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.language_models import BaseChatModel

BOX = Sandbox(reasoning={"deepseek"})


@pytest.fixture(autouse=True, scope="module")
def _running() -> Iterator[None]:
    with BOX:
        yield


class Common(ChatModelIntegrationTests):
    """What both classes can do: everything the suite knows of, except audio, video and citations."""

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
    def supports_pdf_inputs(self) -> bool:
        return True

    @property
    def supported_usage_metadata_details(self) -> dict[str, list[Any]]:
        return {"invoke": ["reasoning_output", "cache_read_input"], "stream": ["reasoning_output", "cache_read_input"]}

    def _invoke(self, *, stream: bool) -> Any:
        model = self.chat_model_class(**self.chat_model_params)
        model = model.bind(model="deepseek") if self.chat_model_class is NovastackRouter else model
        prompt = "Think about the number 42, step by step."
        if not stream:
            return model.invoke(prompt)
        first, *rest = list(model.stream(prompt))
        return first + rest

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> Any:
        return self._invoke(stream=stream)

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> Any:
        return self._invoke(stream=stream)


class TestQwenAlone(Common):
    """`ChatNovastack` for a model without images."""

    supports_image_inputs = property(lambda _: False)  # type: ignore[assignment] # a class property of the suite
    supports_image_urls = property(lambda _: False)  # type: ignore[assignment]
    supports_pdf_inputs = property(lambda _: False)  # type: ignore[assignment]
    supported_usage_metadata_details = property(lambda _: {"invoke": [], "stream": []})  # type: ignore[assignment]

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatNovastack

    @property
    def model_override_value(self) -> str:
        return "DeepSeek-V4-Pro"


class TestClaudeAlone(Common):
    """`ChatNovastack` for a model that takes images."""

    supported_usage_metadata_details = property(lambda _: {"invoke": [], "stream": []})  # type: ignore[assignment]

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatNovastack

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**super().chat_model_params, "model": "claude"}


class TestNovastackRouter(Common):
    """`NovastackRouter`, which sends images to the one that takes them."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return NovastackRouter

    @property
    def model_override_value(self) -> str:
        return "Claude-Opus-4.7"


def test_no_test_of_the_suite_is_overridden() -> None:
    """The suite above is imported whole: nothing in it is switched off here but by a capability."""
    overridden = {name for kind in (Common, TestQwenAlone, TestClaudeAlone, TestNovastackRouter) for name in vars(kind)}
    assert not {name for name in overridden if name.startswith("test_")}
