"""Who is measured: how each is imported and built, and how it answers in the ways of a Runnable."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    Options = Mapping[str, Any]
    """What a model is dressed with: `tools` or `schema`."""

CODE, CREATIVE, DEFAULT = "DeepSeek-V4-Pro", "Claude-Opus-4.7", "Qwen3-235B-A22B"
"""The three models; every prompt of the benchmark is one for the first."""

HTTP = "httpx" if version("openai").startswith("2.") else "httpx2"
"""The HTTP library of the installed SDK. Nothing heavy is imported here: imports are measured too."""

Options = dict[str, Any]
"""What a model is dressed with: `tools` or `schema`."""


class Contender(NamedTuple):
    """One way to ask a model."""

    title: str
    """Name in tables."""

    imports: str
    """Statement that imports it, for the measurement of a fresh process."""

    build: Callable[[str, Options], Any]
    """Builds it for a base URL."""

    needs: str
    """Module without which it is left out."""

    routes: bool = False
    """Whether it has a second model to fall back to."""

    slow: bool = False
    """Whether it takes so long that it gets fewer turns."""

    def is_installed(self) -> bool:
        """Return whether it can be measured here."""
        return find_spec(self.needs) is not None


class Wire:
    """Plain `httpx`: what the request itself costs, without types, messages, callbacks or retries."""

    def __init__(self, url: str, options: Options) -> None:
        httpx: Any = import_module(HTTP)
        self.client = httpx.Client(timeout=60)
        limits = httpx.Limits(max_connections=1000, max_keepalive_connections=1000)
        self.aclient = httpx.AsyncClient(timeout=60, limits=limits)
        self.post: dict[str, Any] = {"url": f"{url}/chat/completions", "headers": {"Authorization": "Bearer bench"}}
        self.body = plain_body(options)

    def _request(self, messages: list[Any], **more: Any) -> dict[str, Any]:
        return {**self.post, "json": {**self.body, "messages": messages, **more}}

    def invoke(self, messages: list[Any]) -> Any:
        return self.client.post(**self._request(messages)).json()["choices"][0]["message"]["content"]

    async def ainvoke(self, messages: list[Any]) -> Any:
        return (await self.aclient.post(**self._request(messages))).json()["choices"][0]["message"]["content"]

    def stream(self, messages: list[Any]) -> Iterator[Any]:
        with self.client.stream("POST", **self._request(messages, stream=True)) as response:
            for line in response.iter_lines():
                if line.startswith("data: {"):
                    yield json.loads(line[6:])

    async def astream(self, messages: list[Any]) -> AsyncIterator[Any]:
        async with self.aclient.stream("POST", **self._request(messages, stream=True)) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    yield json.loads(line[6:])


class Sdk:
    """The `openai` SDK by itself."""

    def __init__(self, url: str, options: Options) -> None:
        import openai

        self.create = openai.OpenAI(base_url=url, api_key="bench").chat.completions.create
        self.acreate = openai.AsyncOpenAI(base_url=url, api_key="bench").chat.completions.create
        self.body = plain_body(options)

    def invoke(self, messages: list[Any]) -> Any:
        return self.create(messages=messages, **self.body).choices[0].message.content

    async def ainvoke(self, messages: list[Any]) -> Any:
        return (await self.acreate(messages=messages, **self.body)).choices[0].message.content

    def stream(self, messages: list[Any]) -> Iterator[Any]:
        yield from self.create(messages=messages, stream=True, **self.body)

    async def astream(self, messages: list[Any]) -> AsyncIterator[Any]:
        async for chunk in await self.acreate(messages=messages, stream=True, **self.body):
            yield chunk


def plain_body(options: Options) -> dict[str, Any]:
    """Return the request without its messages, as JSON."""
    body: dict[str, Any] = {"model": CODE, "temperature": 0.7, "max_tokens": 4096}
    if "tools" in options:
        body["tools"] = [{"type": "function", "function": tool} for tool in options["tools"]]
    if "schema" in options:
        schema = {"name": "Review", "schema": options["schema"].model_json_schema()}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def dressed(model: Any, options: Options) -> Any:
    """Return a LangChain model with tools bound or a schema attached."""
    if "tools" in options:
        return model.bind_tools(options["tools"])
    if "schema" in options:
        return model.with_structured_output(options["schema"], method="json_schema")
    return model


def chat_openai(url: str, options: Options, name: str = CODE) -> Any:
    """Build a bare `ChatOpenAI`; the first of a line does not retry by itself, as ours does not."""
    from langchain_openai import ChatOpenAI

    settings: Any = {"base_url": url, "api_key": "bench", "temperature": 0.7, "max_tokens": 4096, "max_retries": 0}
    return dressed(ChatOpenAI(model=name, **settings), options)


def with_fallbacks(url: str, options: Options, name: str = CODE) -> Any:
    """Build a `ChatOpenAI` with another behind it."""
    return chat_openai(url, options, name).with_fallbacks([chat_openai(url, options, DEFAULT)])


def branch(url: str, options: Options) -> Any:
    """Build the router that LangChain's own parts make: a branch by keyword, each with a fallback."""
    from langchain_core.runnables import RunnableBranch

    def mentions(*words: str) -> Callable[[Any], bool]:
        return lambda messages: any(word in messages[-1].content.lower() for word in words)

    return RunnableBranch(
        (mentions("debug", "refactor", "code review", "optimize"), with_fallbacks(url, options, CODE)),
        (mentions("story", "poem", "creative", "brainstorm"), with_fallbacks(url, options, CREATIVE)),
        chat_openai(url, options, DEFAULT),
    )


def litellm_router(url: str, options: Options) -> Any:
    """Build LiteLLM's router, which knows fallbacks but does not pick a model by the prompt."""
    from langchain_litellm import ChatLiteLLMRouter
    from litellm import Router

    def entry(alias: str, name: str) -> dict[str, Any]:
        return {
            "model_name": alias,
            "litellm_params": {"model": f"openai/{name}", "api_base": url, "api_key": "bench", "max_retries": 0},
        }

    router = Router(
        model_list=[entry("code", CODE), entry("default", DEFAULT)],
        fallbacks=[{"code": ["default"]}],
        num_retries=0,
        disable_cooldowns=True,
    )
    return dressed(ChatLiteLLMRouter(router=router, model_name="code"), options)


def open_router(url: str, options: Options) -> Any:
    """Build LangChain's model for OpenRouter, a gateway like Novastack that routes by itself."""
    from langchain_openrouter import ChatOpenRouter

    settings: Any = {"base_url": url, "api_key": "bench", "temperature": 0.7, "max_tokens": 4096, "max_retries": 0}
    return dressed(ChatOpenRouter(model=CODE, **settings), options)


def novastack_model(url: str, options: Options) -> Any:
    """Build one of our models."""
    from langchain_novastack import ChatNovastack

    return dressed(ChatNovastack(model="deepseek", base_url=url, api_key="bench"), options)


def novastack_router(url: str, options: Options) -> Any:
    """Build our router; its health memory is off, or it would stop to ask the model that fails."""
    from langchain_novastack import NovastackRouter

    return dressed(NovastackRouter(base_url=url, api_key="bench", skip_after=None), options)


def model_router(url: str, options: Options) -> Any:
    """Build langchain-model-router's router, by keywords."""
    from langchain_model_router import ChatRouter, KeywordStrategy

    routes = {"code": chat_openai(url, {}, CODE), "general": chat_openai(url, {}, DEFAULT)}
    strategy = KeywordStrategy({"code": ["python", "debug", "function"]})
    return dressed(ChatRouter(routes=routes, default_route="general", strategy=strategy), options)


class PydanticAi:
    """pydantic-ai's model with another behind it, asked directly; it answers asynchronously alone."""

    def __init__(self, url: str, options: Options) -> None:
        from pydantic_ai.models.fallback import FallbackModel
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        if options:
            msg = "is asked plainly only"
            raise NotImplementedError(msg)
        provider = OpenAIProvider(base_url=url, api_key="bench")
        self.model = FallbackModel(*(OpenAIChatModel(name, provider=provider) for name in (CODE, DEFAULT)))

    async def ainvoke(self, messages: list[Any]) -> Any:
        from pydantic_ai.direct import model_request
        from pydantic_ai.messages import ModelRequest, SystemPromptPart, UserPromptPart

        parts = [(SystemPromptPart if each.type == "system" else UserPromptPart)(each.content) for each in messages]
        return await model_request(self.model, [ModelRequest(parts=parts)])


class AnyLlm:
    """any-llm, which has no second model behind the first."""

    def __init__(self, url: str, options: Options) -> None:
        import any_llm

        self.acompletion, self.body = any_llm.acompletion, plain_body(options)
        self.gateway = {"provider": "openai", "api_base": url, "api_key": "bench"}

    async def ainvoke(self, messages: list[Any]) -> Any:
        roles = {"human": "user", "ai": "assistant"}
        plain = [{"role": roles.get(each.type, each.type), "content": each.content} for each in messages]
        return await self.acompletion(messages=plain, **self.body, **self.gateway)


def everything_on(url: str, options: Options) -> Any:
    """Build our router with all that can be switched on."""
    from tempfile import mkdtemp

    from langchain_novastack import Budget, FileHealth, NovastackRouter
    from langchain_novastack.costs import Price

    prices = {name: Price(input=1.0, output=4.0, cache_read=0.1) for name in ("qwen", "deepseek", "claude")}
    router = NovastackRouter(
        base_url=url,
        api_key="bench",
        skip_after=50,
        hedge_after=30.0,
        fit="trim",
        health=FileHealth(f"{mkdtemp()}/health"),
        budget=Budget(dollars=1e9, per=None),
        prices=prices,
        cache_prompts=True,
    )
    return dressed(router, options)


def over_aiohttp(url: str, options: Options) -> Any:
    """Build our router with the SDK's client over aiohttp, for async calls."""
    from openai import DefaultAioHttpClient

    from langchain_novastack import NovastackRouter

    client = DefaultAioHttpClient()
    router = NovastackRouter(base_url=url, api_key="bench", skip_after=None, http_async_client=client)
    return dressed(router, options)


BASE = "chatopenai"
"""What all others are compared with."""

OURS = "router"

CONTENDERS: dict[str, Contender] = {
    "httpx": Contender("raw httpx", f"import {HTTP}", Wire, HTTP),
    "openai": Contender("raw openai", "import openai", Sdk, "openai"),
    BASE: Contender("ChatOpenAI", "from langchain_openai import ChatOpenAI", chat_openai, "langchain_openai"),
    "fallbacks": Contender(
        "with_fallbacks", "from langchain_openai import ChatOpenAI", with_fallbacks, "langchain_openai", routes=True
    ),
    "branch": Contender(
        "RunnableBranch of fallbacks",
        "from langchain_openai import ChatOpenAI; from langchain_core.runnables import RunnableBranch",
        branch,
        "langchain_openai",
        routes=True,
    ),
    "litellm": Contender(
        "ChatLiteLLMRouter",
        "from langchain_litellm import ChatLiteLLMRouter",
        litellm_router,
        "langchain_litellm",
        routes=True,
        slow=True,
    ),
    "openrouter": Contender(
        "ChatOpenRouter",
        "from langchain_openrouter import ChatOpenRouter",
        open_router,
        "langchain_openrouter",
        slow=True,
    ),
    "model_router": Contender(
        "ChatRouter",
        "from langchain_model_router import ChatRouter",
        model_router,
        "langchain_model_router",
        routes=True,
    ),
    "pydantic_ai": Contender(
        "pydantic-ai", "from pydantic_ai.models.fallback import FallbackModel", PydanticAi, "pydantic_ai", slow=True
    ),
    "any_llm": Contender("any-llm", "import any_llm", AnyLlm, "any_llm", slow=True),
    "model": Contender(
        "ChatNovastack", "from langchain_novastack import ChatNovastack", novastack_model, "langchain_novastack"
    ),
    OURS: Contender(
        "NovastackRouter",
        "from langchain_novastack import NovastackRouter",
        novastack_router,
        "langchain_novastack",
        routes=True,
    ),
    "aiohttp": Contender(
        "the same, over aiohttp",
        "from langchain_novastack import NovastackRouter",
        over_aiohttp,
        "aiohttp",
        routes=True,
    ),
    "everything": Contender(
        "the same, everything on",
        "from langchain_novastack import NovastackRouter",
        everything_on,
        "langchain_novastack",
        routes=True,
    ),
}
"""All contenders by the name that `--only` takes."""
