"""`NovastackRouter`: one chat model that asks the right one."""

from __future__ import annotations

from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage
from langchain_core.runnables.config import ensure_config
from pydantic import PrivateAttr, model_validator
from typing_extensions import Self, override

from langchain_novastack.cards import alias_in
from langchain_novastack.chat_models.bindings import OurBindings, RouterBinding, structured_output, without_empty_tools
from langchain_novastack.chat_models.parsing import PROVIDER
from langchain_novastack.chat_models.profiles import WorkedOut, shared_profile
from langchain_novastack.chat_models.token_counting import Counting
from langchain_novastack.fallbacks.attempts import Plan
from langchain_novastack.fallbacks.candidate import Entry  # noqa: TC001 - pydantic reads the annotation
from langchain_novastack.fallbacks.record import Record
from langchain_novastack.fallbacks.runnable import NovastackFallbacks  # noqa: TC001 - pydantic reads the annotation
from langchain_novastack.policies.policy import to_messages
from langchain_novastack.router.build import build_models, lines_for, policy_for
from langchain_novastack.router.decide import Call, Choice, Decider
from langchain_novastack.router.generate import Generating
from langchain_novastack.router.inspecting import Inspecting
from langchain_novastack.tracing import Run, with_own
from langchain_novastack.validation import named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from langchain_core.language_models import LanguageModelInput
    from langchain_core.language_models.base import LangSmithParams
    from langchain_core.messages import AIMessageChunk
    from langchain_core.runnables import Runnable, RunnableConfig
    from langchain_core.tools import BaseTool
    from langchain_openai import ChatOpenAI

    from langchain_novastack.policies.decision import RouteDecision

_CONFIGURABLE_MODEL = "novastack_model"
"""Key in a config's `configurable` that names the model of a call."""


class NovastackRouter(OurBindings[Any, AIMessage], Counting, Generating, Inspecting):
    """A chat model that picks, for each request, one of several models, and falls back well.

    Example:
        ```python
        from langchain_novastack import NovastackRouter

        router = NovastackRouter()  # key from NOVASTACK_API_KEY
        router.invoke("Debug this: def f(x, acc=[]): ...")  # DeepSeek answers
        router.invoke("Write a limerick about tea.", model="qwen")  # the caller decides
        ```

    Goes wherever a chat model goes. Every message says in `response_metadata["routing"]` which model answered
    and why. Arguments of `ChatNovastack` given here go to the models built here, never to `models` passed in.

    Raises:
        ValueError: At construction and from a call, for a bad argument; it names the argument.
        NovastackError: From a call: the model's own error with one model in line, else `AllModelsFailedError`,
            and `StreamInterruptedError` after content.
    """

    _models: dict[str, Any] = PrivateAttr(default_factory=dict)
    _branches: dict[str, NovastackFallbacks[Any, AIMessage]] = PrivateAttr(default_factory=dict)
    _lines: dict[str, list[Entry]] = PrivateAttr(default_factory=dict)
    _decider: Decider = PrivateAttr()

    @model_validator(mode="after")
    def _build(self) -> Self:
        """Build what follows from the settings; bad arguments show here."""
        return self._assembled()

    @override
    def _assembled(self) -> Self:
        models = build_models(self)
        default = alias_in(models, self.default) or self.default
        lines = lines_for(models, default, self.fallbacks)
        policy = policy_for(self.policy, models, default)
        self.__dict__["default"], self._models = default, models  # plainly set, it would come here again
        self._branches = {
            alias: OurBindings.with_fallbacks(models[alias], [models[other] for other in line]).model_copy(
                update={"aliases": (alias, *line), "skip_after": self.skip_after, "skip_for": self.skip_for}
            )
            for alias, line in lines.items()
        }
        self._lines = {alias: branch.line() for alias, branch in self._branches.items()}
        self._decider = Decider(models, default, policy, [default, *models])
        if self.profile is None or isinstance(self.profile, WorkedOut):
            self.profile = shared_profile(list(models.values()))
        return self

    @property
    @override
    def models(self) -> dict[str, ChatOpenAI]:
        """The models by alias, the default three in the order qwen, deepseek, claude."""
        return dict(self._models)

    @property
    @override
    def branches(self) -> dict[str, NovastackFallbacks[Any, AIMessage]]:
        """For each alias its model with the fallbacks behind it: a Runnable to use, draw or test alone."""
        return dict(self._branches)

    @property
    @override
    def tasks(self) -> dict[str, str]:
        """Alias of the model for each task the policy knows."""
        return dict(self._decider.tasks)

    @property
    @override
    def policy_name(self) -> str:
        """Name of what decides."""
        return self._decider.policy_name

    @property
    def model_name(self) -> str:
        """Gateway id of the default model."""
        return str(getattr(self._models[self.default], "model_name", self.default))

    # ---- four ways

    @override
    def invoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Route a request and return the answer.

        Args:
            input: A string, a list of messages or a prompt value; not empty.
            config: LangChain's config; `configurable={"novastack_model": alias}` names the model.
            stop: Texts at which generation stops.
            **kwargs: `model=` names the model, `fallback=False` turns fallback off for this call; the rest
                goes to the model.
        """
        call = self._call(input, config, stop, kwargs)
        with Run(call.config, self.get_name(), input) as run:
            branch, line, plan = self._planned(call, self._decider.decide(call, run.config), run)
            run.output = branch.invoke_line(line, plan, call.messages, run.config, **call.kwargs)
            return run.output  # type: ignore[no-any-return]

    @override
    async def ainvoke(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Route a request and return the answer; see `invoke`."""
        call = self._call(input, config, stop, kwargs)
        async with Run(call.config, self.get_name(), input) as run:
            branch, line, plan = self._planned(call, await self._decider.adecide(call, run.config), run)
            run.output = await branch.ainvoke_line(line, plan, call.messages, run.config, **call.kwargs)
            return run.output  # type: ignore[no-any-return]

    @override
    def stream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> Iterator[AIMessageChunk]:
        """Route a request and stream the answer; see `invoke`. The last chunk carries the record."""
        call = self._call(input, config, stop, kwargs)
        with Run(call.config, self.get_name(), input) as run:
            branch, line, plan = self._planned(call, self._decider.decide(call, run.config), run)
            for chunk in branch.stream_line(line, plan, call.messages, run.config, **call.kwargs):
                run.saw(chunk)
                yield chunk

    @override
    async def astream(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        """Route a request and stream the answer; see `invoke`. The last chunk carries the record."""
        call = self._call(input, config, stop, kwargs)
        async with Run(call.config, self.get_name(), input) as run:
            branch, line, plan = self._planned(call, await self._decider.adecide(call, run.config), run)
            async with aclosing(
                branch.astream_line(line, plan, call.messages, run.config, **call.kwargs)  # type: ignore[type-var]
            ) as chunks:
                async for chunk in chunks:
                    run.saw(chunk)
                    yield chunk

    def _call(
        self,
        input: LanguageModelInput,
        config: RunnableConfig | None,
        stop: list[str] | None,
        kwargs: dict[str, Any],
    ) -> Call:
        """Sort the arguments of a call: what is the router's, and what goes on to the model."""
        until = None if self.deadline is None else monotonic() + self.deadline
        merged = with_own(self, ensure_config(config))
        messages = to_messages(input)
        if not messages:
            msg = "`input` must hold at least one message."
            raise ValueError(msg)
        if stop is not None:
            kwargs["stop"] = stop
        name = kwargs.pop("model", None)
        name = merged.get("configurable", {}).get(_CONFIGURABLE_MODEL) if name is None else name
        model = None if name is None else self._decider.resolve(name)
        fallback = kwargs.pop("fallback", True)
        if not isinstance(fallback, bool):
            msg = f"`fallback` must be True or False, got {fallback!r}."
            raise ValueError(msg)  # noqa: TRY004 - bad arguments are ValueErrors in this package
        return Call(messages, merged, kwargs, model, fallback=fallback, until=until)

    def _planned(self, call: Call, choice: Choice, run: Run) -> tuple[NovastackFallbacks[Any, Any], list[Entry], Plan]:
        """Return the branch, who is in line, and the plan for a decision."""
        alias = choice.decision.model
        first, *rest = self._lines[alias]
        line = [first, *(entry for entry in rest if entry.alias in choice.able)] if call.fallback else [first]
        record = Record.of(choice.decision, pinned=choice.pinned)
        tags = (f"route:{choice.decision.task}",) if choice.decision.task else ()
        plan = Plan(record, call.until, self.skip_after, self.skip_for, tags=tags, listened=run.listened)
        return self._branches[alias], line, plan

    # ---- deciding alone

    def route(self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any) -> RouteDecision:
        """Return the decision for a request without asking the model; the same code as in `invoke`.

        A policy that itself calls a model does call it. Health is ignored.
        """
        call = self._call(input, config, None, kwargs)
        return self._decider.decide(call, call.config).decision

    async def aroute(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> RouteDecision:
        """Return the decision for a request without asking the model; see `route`."""
        call = self._call(input, config, None, kwargs)
        return (await self._decider.adecide(call, call.config)).decision

    @override
    def resolve(self, name: str) -> str:
        """Return the alias that an alias, id or other spelling names.

        Raises:
            ValueError: If it names none of this router's models.
        """
        return self._decider.resolve(name)

    # ---- tools and schemas: converted once, for all models

    @override
    def bind(self, **kwargs: Any) -> RouterBinding:  # type: ignore[override] # theirs is a private class
        """Bind call arguments; they reach every model."""
        return RouterBinding(bound=self, kwargs=kwargs)

    @override
    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: Any = None,
        **kwargs: Any,
    ) -> RouterBinding:
        """Bind tools; they are converted here, once, and reach every model.

        Raises:
            ValueError: If one of `tools` is no tool.
        """
        with named("tools", "a list of tools, functions, classes or dicts"):
            bound: Any = self._models[self.default].bind_tools(tools, tool_choice=tool_choice, **kwargs)
        return self.bind(**without_empty_tools(bound.kwargs))

    @override
    def with_structured_output(
        self,
        schema: dict[str, Any] | type | None = None,
        *,
        method: Any = "json_schema",
        include_raw: bool = False,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a runnable whose answers have the shape of a schema, whichever model answers.

        Args:
            schema: A Pydantic class, TypedDict or JSON schema.
            method: "json_schema", "function_calling" or "json_mode".
            include_raw: Whether to return `{"raw", "parsed", "parsing_error"}`.
            **kwargs: `strict`, `tools` and arguments for the models.
        """
        chain = self._models[self.default].with_structured_output(schema, method=method, **kwargs)
        return structured_output(self, chain, schema, method=method, include_raw=include_raw)

    # ---- what LangChain asks

    @property
    @override
    def _llm_type(self) -> str:
        return "novastack-router"

    @override
    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        name = kwargs.pop("model", None)
        params: Any = self._models[self.default]._get_ls_params(stop=stop, **kwargs)  # noqa: SLF001 - core's, as it asks
        params.update(ls_provider=PROVIDER, ls_model_name=str(name or self.model_name))
        return params  # type: ignore[no-any-return]

    @property
    @override
    def _identifying_params(self) -> dict[str, Any]:
        return {"models": list(self._models), "default": self.default}

    @property
    @override
    def lc_secrets(self) -> dict[str, str]:
        return {"api_key": "NOVASTACK_API_KEY"}

    @classmethod
    @override
    def is_lc_serializable(cls) -> bool:
        return True

    @classmethod
    @override
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain_novastack", "router"]
