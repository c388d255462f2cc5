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
    from collections.abc import Mapping

    from langchain_core.messages import BaseMessage
    from langchain_core.runnables import RunnableConfig

    from langchain_novastack.router.fields import RouterFields

_MEANING = "Model of a call, in place of the policy's."
PIN = ConfigurableFieldSpec(id="novastack_model", annotation=str | None, name="Model", description=_MEANING)
"""What a config's `configurable` may hold; LangServe lets nothing else through."""


@dataclass(slots=True)
class Call:
    """One call of a router; what is decided is noted on it."""

    messages: list[BaseMessage]  # at least one
    config: RunnableConfig  # with the router's own callbacks, tags and metadata
    kwargs: dict[str, Any]  # for the models
    model: str | None = None  # alias of the one that the caller names
    fallback: bool = True  # whether other models may answer when the one decided for fails
    parser: Any = None  # what the answer will be parsed with
    until: float | None = None  # moment (`time.monotonic`, seconds) at which the call must be over
    obstacles: Mapping[str, str] = field(default_factory=dict)  # decided: why models cannot take it, by alias
    pinned: bool = False  # decided: whether the caller or a tool loop named the model, not the policy


def sort_arguments(router: RouterFields, input: Any, config: Any, kwargs: dict[str, Any], resolve: Any) -> Call:
    """Return a call: what is the router's, and what goes on to the models. `kwargs` are consumed."""
    until = None if router.deadline is None else monotonic() + router.deadline
    merged = with_own(router, ensure_config(config))
    messages = messages_of(input)
    if "stop" in kwargs and kwargs["stop"] is None:
        del kwargs["stop"]  # core passes it on whether it is given or not
    if "max_completion_tokens" in kwargs:  # by the name that a task's settings have
        kwargs.setdefault("max_tokens", kwargs.pop("max_completion_tokens"))
    name = kwargs.pop("model", None)
    name = merged.get("configurable", {}).get(PIN.id) if name is None else name
    fallback = kwargs.pop("fallback", True)
    if not isinstance(fallback, bool):
        raise bad_argument("fallback", "be True or False", repr(fallback))
    parser, model = kwargs.pop("answer_parser", None), None if name is None else resolve(name)
    return Call(messages, merged, kwargs, model, fallback=fallback, parser=parser, until=until)
