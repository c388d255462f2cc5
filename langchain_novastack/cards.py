"""Model cards: what is known about each Novastack model, as data.

A card names a model, says what it can do, and lists the rules for requests to it. Read `CARDS` as a
table; give `ChatNovastack(card=...)` an edited copy to change a row.

Facts come from public pages; none was observed on the gateway's wire. Ids: the vendor's published
samples. Windows, output limits and modalities: models.dev (snapshot f3fc692). Request rules: the
makers' own documents and reports of what other gateways forward; each field names its source.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from langchain_core.load.serializable import Serializable
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Price(Serializable):
    """What a model costs, in US dollars per million tokens. Novastack publishes no usable list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float = Field(ge=0, allow_inf_nan=False)
    """Dollars per million prompt tokens."""

    output: float = Field(ge=0, allow_inf_nan=False)
    """Dollars per million completion tokens, reasoning included."""

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """A price is plain data, so `dumps` keeps it."""
        return True

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """Return the US dollars that so many tokens cost."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


class ModelCard(BaseModel):
    """One model: its names, its abilities, and the rules for requests to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alias: str
    """Short name used in `NovastackRouter`, for example `"qwen"`."""

    id: str
    """The id that is sent to the gateway."""

    names: tuple[str, ...] = ()
    """Other published spellings. Case and a `vendor/` prefix are ignored when a name is looked up."""

    profile: dict[str, Any] = Field(default_factory=dict)
    """LangChain's `ModelProfile`: window in tokens, modalities, tools, structured output, reasoning."""

    price: Price | None = None
    """None: unknown. Never guessed; a `usage.cost` from the gateway wins over it."""

    removes: tuple[str, ...] = ()
    """Request fields this model refuses, left out of every request."""

    accepts_prefill: bool = True
    """Whether the last message may be an assistant's. If not, such a request is refused before it is sent."""

    wants_reasoning_back: bool = False
    """Whether assistant turns with tool calls must carry the `reasoning_content` that came with them."""

    takes_lists: bool = True
    """Whether content may be a list of parts. If not, lists that hold nothing but text are sent as text."""

    adds_where_forced: dict[str, Any] = Field(default_factory=dict)
    """Request fields added where the caller forces a tool call, unless thinking is off already: what switches it off
    for a model that cannot be forced while it thinks."""

    takes_empty_text: bool = True
    """Whether a text may be empty. If not, empty parts are left out, and assistant messages that say nothing."""

    system_first: bool = False
    """Whether system messages may only stand at the front. They are put together there, as one."""

    id_characters: str | None = None
    """The characters that ids of tool calls may have, as inside a regular expression's brackets; None: any."""

    adds_unless_streaming: dict[str, Any] = Field(default_factory=dict)
    """Request fields added to non-streaming requests unless the caller set them. Empty by default; hosts
    that refuse a thinking Qwen without streaming want `{"enable_thinking": False}`."""

    def is_of(self, name: str) -> bool:
        """Tell whether this card is of the model of that name, by its own spellings or by those of `CARDS`."""
        known = find_card(name)
        return self.is_named(name) or (known is not None and known.alias == self.alias)

    def is_named(self, name: str) -> bool:
        """Tell whether this card itself has the name: as its alias, its id or another spelling."""
        return _normalized(name) == _normalized(self.alias) or self.has_id(name)

    def has_id(self, name: str) -> bool:
        """Tell whether this card has the name as its id or another spelling. An alias alone is not an id."""
        return _normalized(name) in map(_normalized, (self.id, *self.names))


def _profile(window: int, output: int, *, images: bool = False, reasoning: bool, temperature: bool) -> dict[str, Any]:
    """Spell out a `ModelProfile`: text always, tools and structured output always, images and PDFs by flag."""
    return {
        "max_input_tokens": window,
        "max_output_tokens": output,
        "text_inputs": True,
        "text_outputs": True,
        "image_inputs": images,
        "image_url_inputs": images,
        "image_tool_message": False,  # parts are for the user role only
        "pdf_inputs": images,
        "pdf_tool_message": False,
        "audio_inputs": False,
        "audio_outputs": False,
        "video_inputs": False,
        "video_outputs": False,
        "image_outputs": False,
        "tool_calling": True,
        "tool_choice": True,
        "structured_output": True,
        "reasoning_output": reasoning,
        "temperature": temperature,
    }


QWEN = ModelCard(
    alias="qwen",
    id="Qwen3-235B-A22B",
    names=("qwen3-235b",),
    # 131,072 tokens in, 16,384 out (models.dev, maker's own endpoint).
    profile=_profile(131_072, 16_384, reasoning=True, temperature=True),
    # "System message must be at the beginning": vllm-project/vllm#41114, QwenLM/Qwen3.8#244.
    system_first=True,
)

DEEPSEEK = ModelCard(
    alias="deepseek",
    id="DeepSeek-V4-Pro",
    # 1,000,000 tokens in, 384,000 out (models.dev).
    profile=_profile(1_000_000, 384_000, reasoning=True, temperature=True),
    # "The `reasoning_content` in the thinking mode must be passed back to the API": the maker's thinking
    # mode guide, and crewAIInc/crewAI#5878.
    wants_reasoning_back=True,
    # "invalid type: sequence, expected a string": BerriAI/litellm#6642, cline/cline#247.
    takes_lists=False,
    # "Thinking mode does not support this tool_choice": deepseek-ai/DeepSeek-V3#1376, langchain-ai/langchain#40769.
    # The switch: the maker's thinking mode guide.
    adds_where_forced={"thinking": {"type": "disabled"}},
)

CLAUDE = ModelCard(
    alias="claude",
    id="Claude-Opus-4.7",
    names=("claude-opus-4-7", "claude-4.7-opus", "anthropic.claude-opus-4-7"),
    # 1,000,000 tokens in, 128,000 out, images and PDFs (models.dev).
    profile=_profile(1_000_000, 128_000, images=True, reasoning=True, temperature=False),
    # "`temperature` is deprecated for this model": Comfy-Org/ComfyUI#13923; all three: OpenRouter's
    # migration notes for this model.
    removes=("temperature", "top_p", "top_k"),
    # BerriAI/litellm#27967.
    accepts_prefill=False,
    # "text content blocks must be non-empty": open-webui/open-webui#21918, anthropics/claude-code#23440.
    takes_empty_text=False,
    # The maker's API has one place for them, before all messages.
    system_first=True,
    # "should match pattern '^[a-zA-Z0-9_-]+$'": maximhq/bifrost#5097, langchain-ai/langchain#37756.
    id_characters="a-zA-Z0-9_-",
)

CARDS: Mapping[str, ModelCard] = MappingProxyType({card.alias: card for card in (QWEN, DEEPSEEK, CLAUDE)})
"""The three cards by alias, in the order they are listed to users; the default model first."""


def _normalized(name: str) -> str:
    return name.rsplit("/", maxsplit=1)[-1].strip().lower()


_BY_NAME: Mapping[str, ModelCard] = MappingProxyType(
    {_normalized(name): card for card in CARDS.values() for name in (card.alias, card.id, *card.names)}
)


def find_card(name: str, cards: Iterable[ModelCard] | None = None) -> ModelCard | None:
    """Return the card that an alias, a gateway id or another published spelling names.

    Args:
        name: Any spelling, in any case, with or without a `vendor/` prefix.
        cards: The cards to look in; None: `CARDS`.

    Returns:
        The card, or None for a name no card has.
    """
    if cards is None:
        return _BY_NAME.get(_normalized(name))
    return next((card for card in cards if card.is_named(name)), None)


def same_model(name: str, other: str) -> bool:
    """Tell whether two names are of one model: spellings of it, or one of them with a date behind it."""
    first, second = find_card(name), find_card(other)
    if first and second:
        return first is second
    spelled, others = (_normalized(each).replace(".", "-") for each in (name, other))
    return spelled.startswith(others) or others.startswith(spelled)


def gateway_id(name: str) -> str:
    """Return the id that is sent for a model's name: the card's, or the name itself if no card has it."""
    card = find_card(name)
    return card.id if card else name


def alias_of(name: str) -> str:
    """Return the alias of the model that a name names, or the name itself if no card has it."""
    card = find_card(name)
    return card.alias if card else name


def alias_in(models: Mapping[str, Any], name: object) -> str | None:
    """Return which of some models an alias, a gateway id or another spelling names.

    Args:
        models: Anything by alias. Where it has a `model_name`, as chat models do, that name is known too.
        name: What may name one of them. Something other than a string names none.

    Returns:
        The key in `models`, or None.
    """
    if not isinstance(name, str):
        return None
    if name in models:
        return name
    card = find_card(name)
    for alias, model in models.items():
        sent = str(getattr(model, "model_name", alias))
        if sent.lower() == name.lower() or (card is not None and find_card(sent) is card):
            return alias
    return None
