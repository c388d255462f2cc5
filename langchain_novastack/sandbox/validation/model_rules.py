"""What single models refuse. Public reports say that these refusals reach a gateway's clients."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from langchain_novastack.sandbox.validation.problems import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_novastack.cards import ModelCard
    from langchain_novastack.sandbox.settings import SandboxSettings

_QWEN = "qwen"

_ABILITIES: Mapping[str, str] = MappingProxyType(
    {"image_url": "image_inputs", "file": "pdf_inputs", "input_audio": "audio_inputs", "video_url": "video_inputs"}
)
"""The entry of a model's profile that says whether it takes such a part of a message."""


def check_for_model(body: dict[str, Any], card: ModelCard, settings: SandboxSettings, prompt_tokens: int) -> None:
    """Check a valid request against what its model refuses.

    Args:
        body: The parsed body, with nulls left out.
        card: Of the model that is asked.
        settings: Of the sandbox.
        prompt_tokens: Tokens of the prompt, by the sandbox's count.

    Raises:
        Rejected: At the first rule broken.
    """
    _inputs(body, card)
    _window(card, prompt_tokens)
    _removed_fields(body, card)
    _prefill(body, card)
    _reasoning_back(body, card, thinks=settings.thinks(body, card))
    if settings.qwen_thinking_trap:
        _thinking_unstreamed(body, card)


def _inputs(body: dict[str, Any], card: ModelCard) -> None:
    for place, message in enumerate(body["messages"]):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            ability = _ABILITIES.get(part["type"])
            if ability and not card.profile.get(ability):
                msg = f"The model `{card.id}` does not support {part['type']} content."
                raise Rejected(msg, f"messages[{place}].content[{number}]", code="unsupported_content")


def _window(card: ModelCard, prompt_tokens: int) -> None:
    window = card.profile.get("max_input_tokens")
    if window is not None and prompt_tokens > window:
        msg = (
            f"This model's maximum context length is {window} tokens. However, your messages resulted in "
            f"{prompt_tokens} tokens. Please reduce the length of the messages."
        )
        raise Rejected(msg, "messages", code="context_length_exceeded")


def _removed_fields(body: dict[str, Any], card: ModelCard) -> None:
    for name in card.removes:
        if name in body:
            msg = f"`{name}` is deprecated for this model."
            raise Rejected(msg, name)


def _prefill(body: dict[str, Any], card: ModelCard) -> None:
    if not card.accepts_prefill and body["messages"][-1]["role"] == "assistant":
        msg = "This model does not support assistant message prefill. The conversation must end with a user message."
        raise Rejected(msg, "messages")


def _reasoning_back(body: dict[str, Any], card: ModelCard, *, thinks: bool) -> None:
    for place, message in enumerate(body["messages"]):
        has = message.get("reasoning_content") is not None
        if not card.wants_reasoning_back and has:
            msg = f"Unrecognized request argument supplied: messages[{place}].reasoning_content"
            raise Rejected(msg, f"messages[{place}].reasoning_content", code="unknown_parameter")
        if card.wants_reasoning_back and thinks and message.get("tool_calls") and not has:
            msg = "The `reasoning_content` in the thinking mode must be passed back to the API."
            raise Rejected(msg, code="invalid_request_error")


def _thinking_unstreamed(body: dict[str, Any], card: ModelCard) -> None:
    switches = (body, body.get("chat_template_kwargs") or {})
    off = any(switch.get("enable_thinking") is False for switch in switches)
    if card.alias == _QWEN and not body.get("stream") and not off:
        msg = "parameter.enable_thinking must be set to false for non-streaming calls"
        raise Rejected(msg, "enable_thinking", code="invalid_parameter_error")
