"""Model cards: what each Novastack model can do, and the rules for requests to it; the rows are in `cards.json`.

Give `ChatNovastack(card=...)` an edited copy to change one. Facts come from public pages, named in `sources`; none was
observed on the wire. Ids: the vendor's samples. Windows, output limits, modalities: models.dev (snapshot f3fc692).
"""

from __future__ import annotations

import json
import pkgutil
from contextlib import suppress
from functools import partial
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from langchain_novastack.field_docs import documented
from langchain_novastack.tasks import PlainData

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CACHE_NOTE = "cost_estimate_note"
"""Key in `response_metadata` that says that an estimate is too high, and why."""

CACHE_MARK = "cache_control"
"""Field of a request's parts that says what the model's server should keep in its cache."""


@documented
class Price(PlainData):
    """What a model costs, in US dollars per million tokens. Novastack publishes no usable list."""

    input: float = Field(ge=0, allow_inf_nan=False)
    """Dollars per million prompt tokens."""

    output: float = Field(ge=0, allow_inf_nan=False)
    """Dollars per million completion tokens, reasoning included."""

    cache_read: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Dollars per million prompt tokens that were read from the gateway's cache; None: as `input`."""

    cache_write: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    """Dollars per million prompt tokens that were written to it; None: as `input`."""

    def of(self, input_tokens: int, output_tokens: int, cache_read: int = 0, cache_write: int = 0) -> float:
        """Return the US dollars that so many tokens cost; those of the cache are part of the input."""
        read = min(cache_read, input_tokens)
        written = min(cache_write, input_tokens - read)
        at_read, at_write = (self.input if at is None else at for at in (self.cache_read, self.cache_write))
        new = (input_tokens - read - written) * self.input + output_tokens * self.output
        return (new + read * at_read + written * at_write) / 1_000_000

    def estimate(self, input_tokens: int, output_tokens: int, cache_read: int, cache_write: int) -> dict[str, Any]:
        """Return `of` as a message carries it, with a note where cached tokens have no price of their own."""
        found: dict[str, Any] = {"cost_estimate": self.of(input_tokens, output_tokens, cache_read, cache_write)}
        if (cache_read and self.cache_read is None) or (cache_write and self.cache_write is None):
            found[CACHE_NOTE] = "cached tokens at the price of other input"
        return found


def dollars_in(cost: Any) -> float | None:
    """Return the US dollars that a gateway says an answer cost, also as text; None for what no answer can cost."""
    if cost is not None and not isinstance(cost, bool):
        with suppress(OverflowError, TypeError, ValueError):
            dollars = float(cost)  # prices of such gateways are decimal strings, so a cost may be one
            return dollars if isfinite(dollars) and dollars >= 0 else None
    return None


def cost_in(usage: Any, price: Price | None = None) -> dict[str, Any]:
    """Return `cost` as a gateway put it into its usage, else `cost_estimate` by a price; US dollars; {} if unknown."""
    if not isinstance(usage, dict):
        return {}
    if (cost := dollars_in(usage.get("cost"))) is not None:
        return {"cost": cost}
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if price is None or not isinstance(prompt, int) or not isinstance(completion, int):
        return {}
    details = usage.get("prompt_tokens_details") or {}
    return price.estimate(prompt, completion, *(details.get(n) or 0 for n in ("cached_tokens", "cache_write_tokens")))


_DATA = json.loads(pkgutil.get_data("langchain_novastack", "cards.json") or "")


@partial(documented, said=_DATA["fields"])
class ModelCard(BaseModel):
    """One model: its names, its abilities, and the rules for requests to it, each explained in `cards.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alias: str
    id: str
    names: tuple[str, ...] = ()
    profile: dict[str, Any] = Field(default_factory=dict)
    price: Price | None = None
    removes: tuple[str, ...] = ()
    accepts_prefill: bool = True
    wants_reasoning_back: bool = False
    takes_lists: bool = True
    adds_where_forced: dict[str, Any] = Field(default_factory=dict)
    takes_empty_text: bool = True
    system_first: bool = False
    takes_cache_marks: bool = False
    id_characters: str | None = None
    adds_unless_streaming: dict[str, Any] = Field(default_factory=dict)
    efforts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    sources: dict[str, str] = Field(default_factory=dict, repr=False)

    def is_of(self, name: str) -> bool:
        """Tell whether this card is of the model of that name, by its own spellings or by those of `CARDS`."""
        known = find_card(name)
        return (known is not None and known.alias == self.alias) or self.is_named(name)

    def is_named(self, name: str) -> bool:
        """Tell whether this card itself has the name: as its alias, its id or another spelling."""
        return _normalized(name) == _normalized(self.alias) or self.has_id(name)

    def has_id(self, name: str) -> bool:
        """Tell whether this card has the name as its id or another spelling. An alias alone is not an id."""
        return _normalized(name) in map(_normalized, (self.id, *self.names))


class DerivedProfile(dict[str, Any]):
    """A profile that was not given: it is derived again for a copy with other models, or another card."""


CARDS: Mapping[str, ModelCard] = MappingProxyType(
    {row["alias"]: ModelCard(**{**row, "profile": _DATA["profile"] | row["profile"]}) for row in _DATA["cards"]}
)
"""The cards by alias, in the order they are listed to users; the default model first."""

QWEN, DEEPSEEK, CLAUDE = map(CARDS.__getitem__, ("qwen", "deepseek", "claude"))


def _normalized(name: str) -> str:
    return name.rsplit("/", maxsplit=1)[-1].strip().lower()


_BY_NAME: Mapping[str, ModelCard] = MappingProxyType(
    {_normalized(name): card for card in CARDS.values() for name in (card.alias, card.id, *card.names)}
)


def find_card(name: str, cards: Iterable[ModelCard] | None = None) -> ModelCard | None:
    """Return the card, of `cards` or else of `CARDS`, that an alias, an id or another spelling names; None if none.

    Any case will do, with or without a `vendor/` prefix.
    """
    if cards is None:
        return _BY_NAME.get(_normalized(name))
    return next((card for card in cards if card.is_named(name)), None)


def same_model(name: str, other: str) -> bool:
    """Tell whether two names are of one model: spellings of it, or one of them with a date behind it."""
    if (first := find_card(name)) and (second := find_card(other)):
        return first is second
    spelled, others = (_normalized(each).replace(".", "-") for each in (name, other))
    return spelled.startswith(others) or others.startswith(spelled)


def gateway_id(name: str) -> str:
    """Return the id that is sent for a model's name: the card's, or the name itself if no card has it."""
    return card.id if (card := find_card(name)) else name


def alias_of(name: str) -> str:
    """Return the alias of the model that a name names, or the name itself if no card has it."""
    return card.alias if (card := find_card(name)) else name


def alias_in(models: Mapping[str, Any], name: object) -> str | None:
    """Return which key of `models` an alias, a gateway id or another spelling names; None if none, or not a string.

    `models` are anything by alias. Where one has a `model_name`, as chat models do, that name is known too.
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
