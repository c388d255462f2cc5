"""One call of a router, its arguments sorted."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_core.runnables.config import ensure_config
from langchain_core.runnables.utils import ConfigurableFieldSpec

from langchain_novastack.policies.conversation import messages_of
from langchain_novastack.tracing import with_own
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from langchain_core.language_models import LanguageModelInput
    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import RunnableConfig

    from langchain_novastack.router.fields import RouterFields

PIN = ConfigurableFieldSpec(
    id="novastack_model",
    annotation=str | None,
    name="Model",
    description="Model of a call, in place of the policy's.",
)
"""What a config's `configurable` may hold; LangServe lets nothing else through."""


@dataclass(slots=True)
class Call:
    """One call of a router.

    Attributes:
        messages: The request; at least one message.
        config: The caller's config, with the router's own callbacks, tags and metadata.
        kwargs: Arguments for the models.
        model: Alias of the model the caller names.
        fallback: Whether other models may answer when the one decided for fails.
        parser: What the answer will be parsed with; None for none.
        until: Moment (`time.monotonic`, seconds) at which the call must be over.
        obstacles: Why models cannot take the request, by alias; known once it is decided.
        pinned: Whether the caller or a tool loop named the model, not the policy; known once it is decided.
    """

    messages: list[BaseMessage]
    config: RunnableConfig
    kwargs: dict[str, Any] = field(default_factory=dict)
    model: str | None = None
    fallback: bool = True
    parser: Any = None
    until: float | None = None
    obstacles: Mapping[str, str] = field(default_factory=dict)
    pinned: bool = False


def sort_arguments(
    router: RouterFields,
    input: LanguageModelInput,
    config: RunnableConfig | None,
    kwargs: dict[str, Any],
    resolve: Callable[[object], str],
) -> Call:
    """Return a call: what is the router's, and what goes on to the models. `kwargs` are consumed.

    Raises:
        ValueError: If there is no message, or `model` or `fallback` is not what it must be.
    """
    until = None if router.deadline is None else monotonic() + router.deadline
    merged = with_own(router, ensure_config(config))
    messages = messages_of(input)
    if "stop" in kwargs and kwargs["stop"] is None:
        del kwargs["stop"]  # core passes it on whether it is given or not
    name = kwargs.pop("model", None)
    name = merged.get("configurable", {}).get(PIN.id) if name is None else name
    model = None if name is None else resolve(name)
    fallback = kwargs.pop("fallback", True)
    if not isinstance(fallback, bool):
        raise bad_argument("fallback", "be True or False", repr(fallback))
    parser = kwargs.pop("answer_parser", None)
    return Call(messages, merged, kwargs, model, fallback=fallback, parser=parser, until=until)
