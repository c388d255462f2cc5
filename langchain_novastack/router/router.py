"""`NovastackRouter`: one chat model that asks the right one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence  # core reads the hints of what binds
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, ClassVar, cast

from langchain_core.language_models import LanguageModelInput  # noqa: TC002 - as above
from langchain_core.runnables import Runnable  # noqa: TC002 - as above
from pydantic import PrivateAttr, model_validator
from typing_extensions import Self, override

from langchain_novastack._lazy import Later, pickled_from
from langchain_novastack.cards import DerivedProfile
from langchain_novastack.chat_models import token_counting
from langchain_novastack.display.tables import repr_pretty
from langchain_novastack.fallbacks import breaker
from langchain_novastack.field_docs import documented
from langchain_novastack.router import compare as comparing
from langchain_novastack.router import generate as generating
from langchain_novastack.router.call import PIN, Call, sort_arguments
from langchain_novastack.router.capabilities import shared_profile
from langchain_novastack.router.diagram import graph_of, router_html, router_text
from langchain_novastack.router.fields import NOTHING_BUILT_FROM, RouterFields, check_changes
from langchain_novastack.tracing import PROVIDER, Run
from langchain_novastack.validation import named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from langchain_core.language_models.base import LangSmithParams
    from langchain_core.messages import AIMessage, AIMessageChunk
    from langchain_core.runnables import RunnableConfig
    from langchain_core.runnables.utils import ConfigurableFieldSpec
    from langchain_openai import ChatOpenAI

    from langchain_novastack.fallbacks.runnable import NovastackFallbacks
    from langchain_novastack.policies.decision import RouteDecision
    from langchain_novastack.router import parts
else:
    parts = Later("langchain_novastack.router.parts")


@documented
@pickled_from("langchain_novastack.router")
class NovastackRouter(RouterFields):
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

    _decider: Any = PrivateAttr()  # a `parts.Decider`, which pydantic would look up

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Build what follows from the fields; bad arguments show here."""
        return self._assemble(parts.build_models(self))

    def _assemble(self, models: dict[str, ChatOpenAI]) -> Self:
        self._decider = parts.Decider(self, models)
        self.__dict__["default"] = self._decider.default  # if it were plainly set, it would come here again
        if self.profile is None or isinstance(self.profile, DerivedProfile):
            self.__dict__["profile"] = shared_profile(models.values())
        return self

    @property
    def models(self) -> dict[str, ChatOpenAI]:
        """The models by alias, the default three in the order qwen, deepseek, claude."""
        return dict(self._decider.models)

    @property
    def branches(self) -> dict[str, NovastackFallbacks[Any, AIMessage]]:
        """For each alias its model with the fallbacks behind it: a Runnable to use, draw or test alone."""
        return dict(self._decider.branches)

    @property
    def tasks(self) -> dict[str, str]:
        """Alias of the model for each task the policy knows."""
        return dict(self._decider.tasks)

    @property
    def policy_name(self) -> str:
        """Name of what decides."""
        return str(self._decider.policy_name)

    @property
    def model_name(self) -> str:
        """Gateway id of the default model."""
        return str(self._default.model_name)

    @property
    def _default(self) -> ChatOpenAI:
        return self._decider.models[self.default]  # type: ignore[no-any-return] # see `models`

    def invoke(self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any) -> AIMessage:
        """Route a request, a string, messages or a prompt value, and return the answer.

        `model=`, or `configurable={"novastack_model": alias}` in the config, names the model; `fallback=False` turns
        fallback off for this call; other arguments, such as `stop=`, go to the model.
        """
        decider, call = self._sorted(input, config, kwargs)
        with Run(call.config, self, input) as run:
            branch, plan = decider.planned(call, decider.decide(call, run.config), listened=run.listened)
            run.output = branch.invoke(plan, run.config, **call.kwargs)
            return run.output  # type: ignore[no-any-return] # chat models answer with messages

    async def ainvoke(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AIMessage:
        """Route a request and return the answer; see `invoke`."""
        decider, call = self._sorted(input, config, kwargs)
        async with Run(call.config, self, input) as run:
            decision = await decider.adecide(call, run.config)
            branch, plan = decider.planned(call, decision, listened=run.listened)
            run.output = await branch.ainvoke(plan, run.config, **call.kwargs)
            return run.output  # type: ignore[no-any-return] # chat models answer with messages

    def stream(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[AIMessageChunk]:
        """Route a request and stream the answer; see `invoke`. The last chunk carries the record."""
        decider, call = self._sorted(input, config, kwargs)
        with Run(call.config, self, input) as run:
            branch, plan = decider.planned(call, decider.decide(call, run.config), listened=run.listened)
            for chunk in branch.stream(plan, run.config, **call.kwargs):
                run.add(chunk)
                yield chunk

    async def astream(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[AIMessageChunk]:
        """Route a request and stream the answer; see `invoke`. The last chunk carries the record."""
        decider, call = self._sorted(input, config, kwargs)
        async with Run(call.config, self, input) as run:
            decision = await decider.adecide(call, run.config)
            branch, plan = decider.planned(call, decision, listened=run.listened)
            async with aclosing(branch.astream(plan, run.config, **call.kwargs)) as chunks:
                async for chunk in chunks:
                    run.add(chunk)
                    yield chunk

    def _sorted(self, input: Any, config: RunnableConfig | None, kwargs: dict[str, Any]) -> tuple[parts.Decider, Call]:
        decider = self._decider
        return decider, sort_arguments(self, input, config, kwargs, decider.resolve)

    def route(self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any) -> RouteDecision:
        """Return the decision for a request without asking the model; the same code as in `invoke`.

        A policy that itself calls a model does call it. Health is ignored.
        """
        decider, call = self._sorted(input, config, kwargs)
        return decider.decide(call, call.config)

    async def aroute(
        self, input: LanguageModelInput, config: RunnableConfig | None = None, **kwargs: Any
    ) -> RouteDecision:
        """Return the decision for a request without asking the model; see `route`."""
        decider, call = self._sorted(input, config, kwargs)
        return await decider.adecide(call, call.config)

    def resolve(self, name: str) -> str:
        """Return the alias that an alias, id or other spelling names; a `ValueError` for none of these models."""
        return str(self._decider.resolve(name))

    if TYPE_CHECKING:  # a list of strings is a list of inputs
        batch, abatch = Runnable[Any, AIMessage].batch, Runnable[Any, AIMessage].abatch

    generate, agenerate = generating.generate, generating.agenerate
    _generate, _stream = generating.generate_one, generating.stream_one
    stream_events, astream_events = generating.stream_events, generating.astream_events
    get_token_ids = token_counting.get_token_ids  # type: ignore[pydantic-field] # a method
    get_num_tokens_from_messages = staticmethod(token_counting.count_tokens)  # type: ignore[pydantic-field] # a method

    def with_config(self, config: RunnableConfig | None = None, **kwargs: Any) -> parts.RouterBinding:
        """Bind config; it is kept where tools or a schema are bound later."""
        return cast("parts.RouterBinding", self.bind().with_config(config, **kwargs))

    def with_listeners(self, **kwargs: Any) -> parts.RouterBinding:
        """Bind `on_start`, `on_end` and `on_error`; they are kept where tools or a schema are bound later."""
        return cast("parts.RouterBinding", self.bind().with_listeners(**kwargs))

    def with_fallbacks(self, fallbacks: Sequence[Any], **kwargs: Any) -> NovastackFallbacks[Any, AIMessage]:
        """Return this router with others behind it, by the rules, and with the `kwargs`, of `ChatNovastack`'s."""
        return parts.with_fallbacks(self, fallbacks, **kwargs)

    def bind(self, **kwargs: Any) -> parts.RouterBinding:  # type: ignore[override] # theirs is a private class
        """Bind call arguments; they reach every model."""
        return parts.RouterBinding(bound=self, kwargs=kwargs)

    def bind_tools(self, tools: Sequence[Any], *, tool_choice: Any = None, **kwargs: Any) -> parts.RouterBinding:
        """Bind tools: dicts, classes, functions or `BaseTool`s; they are converted here, once, and reach every model.

        `tool_choice` is a tool's name, "auto", "any" or "none"; None leaves it to the model, which `kwargs` go to.

        Raises:
            ValueError: If one of `tools` is not a tool.
        """
        with named("tools", "a list of tools, functions, classes or dicts"):
            bound: Any = self._default.bind_tools(tools, tool_choice=tool_choice, **kwargs)
        return self.bind(**parts.without_empty_tools(bound.kwargs))

    def with_structured_output(
        self, schema: Any = None, *, method: Any = "json_schema", include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a runnable whose answers have the shape of a schema, whichever model answers.

        `schema` is a Pydantic class, TypedDict or JSON schema, `method` "json_schema", "function_calling" or
        "json_mode"; with `include_raw` it returns `{"raw", "parsed", "parsing_error"}`; `kwargs` are `strict`, `tools`
        and arguments for the models.
        """
        chain = self._default.with_structured_output(schema, method=method, **kwargs)
        return parts.structured_output(self, chain, schema, method=method, include_raw=include_raw, judges=True)

    # ---- what LangChain asks

    lc_secrets: ClassVar[dict[str, str]] = {"api_key": "NOVASTACK_API_KEY"}

    @property
    @override
    def _llm_type(self) -> str:
        return "novastack-router"

    @override
    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        name = kwargs.pop("model", None)
        params: Any = self._default._get_ls_params(stop=stop, **kwargs)  # noqa: SLF001 - core's, as it asks
        params.update(ls_provider=PROVIDER, ls_model_name=str(name or self.model_name))
        return params  # type: ignore[no-any-return] # a dict of core's

    @property
    @override
    def _identifying_params(self) -> dict[str, Any]:
        return {"models": list(self._decider.models), "default": self.default}

    @property
    @override
    def config_specs(self) -> list[ConfigurableFieldSpec]:
        return [*super().config_specs, PIN]

    @classmethod
    @override
    def is_lc_serializable(cls) -> bool:
        return True

    @classmethod
    @override
    def get_lc_namespace(cls) -> list[str]:
        return ["langchain_novastack", "router"]

    compare, acompare = comparing.compare, comparing.acompare

    def check(self, slow_after: float = 10.0) -> parts.CheckUp:
        """Ask the gateway, with a few small requests, what this package relies on; say how to fix what does not hold.

        Asks `/models`, then all models at once: id, first token, usage, tools and reasoning effort in a streamed
        request, sampling, a schema, cache marks and prefill in another; what is refused together is asked alone. For
        three models that is 7 to 25 requests. Health is left alone. A model is slow if its first token takes more than
        `slow_after` seconds; a request has four times as long. Failures are in what is returned; they are not raised.
        """
        return parts.check(self, slow_after)

    async def acheck(self, slow_after: float = 10.0) -> parts.CheckUp:
        """Ask the gateway what this package relies on, in a thread; see `check`."""
        return await asyncio.to_thread(self.check, slow_after)

    def health(self) -> dict[str, dict[str, Any]]:
        """Return each model's health for this router's key: `failures` in a row, `skipped`, and `retry_in` seconds."""
        keys = {alias: line[0].key for alias, line in self._decider.lines.items()}
        skipping = self._decider.branches[self.default].skipping
        return {alias: breaker.Health(key, skipping).report() for alias, key in keys.items() if key}

    def reset_health(self) -> None:
        """Forget all failures of this router's models, for every router that shares them and for all keys."""
        for line in self._decider.lines.values():
            if key := line[0].key:
                breaker.reset(key.base_url, key.model, self.given_health)

    get_graph, __str__, _repr_html_, _repr_pretty_ = graph_of, router_text, router_html, repr_pretty

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a field; what follows from the fields is built again. A bad value is refused."""
        ((name, value),) = check_changes(type(self), {name: value}).items()
        builds = name in type(self).model_fields and name not in NOTHING_BUILT_FROM
        copied = self.model_copy(update={name: value}) if builds else None
        super().__setattr__(name, value)
        if copied is not None:
            self.__dict__.update(copied.__dict__)
            self._decider = copied._decider  # noqa: SLF001 - our own

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy; models and branches are built again where fields change. The copy shares the models' health."""
        fields = check_changes(type(self), update or {})
        copied = super().model_copy(update=fields, deep=deep)
        return copied._assemble(parts.build_models(copied)) if fields.keys() - NOTHING_BUILT_FROM else copied  # noqa: SLF001 - our own

    def __getstate__(self) -> dict[Any, Any]:
        """Pickle the fields and the models, with the key, so that a worker can call; an HTTP client cannot travel."""
        parts.check_travels(self)
        state = super().__getstate__()
        fields = dict(state["__dict__"])
        if isinstance(self.profile, DerivedProfile):
            fields["profile"] = None
        return {**state, "__dict__": fields, "__pydantic_private__": {"_models": self._decider.models}}

    def __setstate__(self, state: dict[Any, Any]) -> None:
        """Build the rest again."""
        super().__setstate__(state)
        self._assemble((self.__pydantic_private__ or {}).pop("_models"))

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy; the copy shares models and clients."""
        return self.model_copy()
