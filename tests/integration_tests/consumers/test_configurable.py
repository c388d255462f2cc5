"""Settings and models chosen by the config of a call, and what is bound to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openai
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import ConfigurableField

if TYPE_CHECKING:
    from helpers.ways import Ask, Build

    from langchain_novastack.sandbox import Sandbox

QUESTION = "Why is the sky blue?"


def chosen(**settings: Any) -> dict[str, Any]:
    """Return a config that sets configurable fields."""
    return {"configurable": settings}


def sent(box: Sandbox, field: str) -> list[Any]:
    """Return a field of every request so far."""
    return [request.body.get(field) for request in box.requests]


async def test_a_field_set_by_the_config(llm: Any, ask: Ask, box: Sandbox) -> None:
    flexible = llm.configurable_fields(temperature=ConfigurableField(id="heat"), max_tokens=ConfigurableField(id="cap"))
    await ask(flexible, QUESTION)
    await ask(flexible, QUESTION, chosen(heat=0.1, cap=99))
    assert sent(box, "temperature") == [0.7, 0.1]
    assert sent(box, "max_tokens") == [4096, 99]


async def test_a_field_set_through_a_chain(llm: Any, ask: Ask, box: Sandbox) -> None:
    flexible: Any = llm.configurable_fields(temperature=ConfigurableField(id="heat"))
    pipe = ChatPromptTemplate.from_template("{question}") | flexible | StrOutputParser()
    await ask(pipe.with_config(configurable={"heat": 0.2}), {"question": QUESTION})
    assert sent(box, "temperature") == [0.2]
    assert "heat" in {spec.id for spec in pipe.config_specs}


async def test_tools_bound_to_configurable_fields(llm: Any, ask: Ask, box: Sandbox) -> None:
    flexible: Any = llm.configurable_fields(temperature=ConfigurableField(id="heat"))
    message = await ask(flexible.bind_tools([get_weather]), "Use get_weather for Rome", chosen(heat=0.3))
    assert [call["name"] for call in message.tool_calls] == ["get_weather"]
    assert sent(box, "tools")[0][0]["function"]["name"] == "get_weather"


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}."


KEYS = {"ChatNovastack": "openai_api_key", "NovastackRouter": "api_key"}
BASES = {"ChatNovastack": "openai_api_base", "NovastackRouter": "base_url"}


async def test_another_key_is_the_one_that_is_sent(llm: Any, ask: Ask, box: Sandbox) -> None:
    """What is built into the clients can be configured too: nobody's key goes out for somebody else's."""
    flexible = llm.configurable_fields(**{KEYS[type(llm).__name__]: ConfigurableField(id="key")})
    await ask(flexible, QUESTION)
    with pytest.raises(openai.AuthenticationError):
        await ask(flexible, QUESTION, chosen(key="another-key"))
    keys = [request.headers["authorization"] for request in box.requests]
    assert keys == [f"Bearer {box.api_key}", "Bearer another-key"]


async def test_another_base_url_is_the_one_that_is_asked(llm: Any, ask: Ask, box: Sandbox) -> None:
    flexible = llm.configurable_fields(**{BASES[type(llm).__name__]: ConfigurableField(id="base")})
    await ask(flexible, QUESTION, chosen(base=box.base_url.replace("127.0.0.1", "localhost")))
    assert [request.headers["host"].partition(":")[0] for request in box.requests] == ["localhost"]


async def test_an_alternative_chosen_by_the_config(build: Build, ask: Ask, box: Sandbox) -> None:
    two = build(seed=1).configurable_alternatives(ConfigurableField("which"), default_key="one", other=build(seed=2))
    await ask(two, QUESTION)
    await ask(two, QUESTION, chosen(which="other"))
    assert sent(box, "seed") == [1, 2]


async def test_alternatives_in_a_batch(build: Build, box: Sandbox) -> None:
    two = build(seed=1).configurable_alternatives(ConfigurableField("which"), default_key="one", other=build(seed=2))
    configs: Any = [chosen(which="one"), chosen(which="other")]
    two.batch([QUESTION, QUESTION], configs)
    await two.abatch([QUESTION, QUESTION], configs)
    assert sorted(sent(box, "seed")) == [1, 1, 2, 2]


async def test_tools_bound_to_an_alternative(build: Build, ask: Ask, box: Sandbox) -> None:
    """Core binds to the default alternative; `with_config` before `bind_tools` binds to the chosen one."""
    two: Any = build(seed=1).configurable_alternatives(
        ConfigurableField("which"), default_key="one", other=build(seed=2)
    )
    for which in ("one", "other"):
        bound = two.with_config(configurable={"which": which}).bind_tools([get_weather])
        message = await ask(bound, "Use get_weather for Rome")
        assert [call["name"] for call in message.tool_calls] == ["get_weather"]
    assert sent(box, "seed") == [1, 2]


async def test_a_model_chosen_by_the_config_of_a_router(llm: Any, ask: Ask) -> None:
    """`novastack_model` names a router's model, through whatever is around it; one model alone ignores it."""
    pipe = ChatPromptTemplate.from_template("{question}") | llm
    message = await ask(pipe, {"question": QUESTION}, chosen(novastack_model="claude"))
    expected = "Claude-Opus-4.7" if type(llm).__name__ == "NovastackRouter" else "Qwen3-235B-A22B"
    assert message.response_metadata["model_name"] == expected


def test_a_configurable_model_is_still_what_it_was(llm: Any) -> None:
    flexible: Any = llm.configurable_fields(temperature=ConfigurableField(id="heat"))
    assert isinstance(flexible.default, BaseChatModel)
    assert flexible.profile == llm.profile
    assert flexible.get_num_tokens("four words are here") == llm.get_num_tokens("four words are here")


def test_schemas_know_how_a_config_names_the_model(make: Build) -> None:
    """LangServe and playgrounds keep of a config only what the schema names."""
    router = make()
    pipe = ChatPromptTemplate.from_template("{question}") | router | StrOutputParser()
    for runnable in (router, router.bind(stop=["x"]), pipe, router.with_fallbacks([make()]), pipe | make()):
        schema = runnable.config_schema(include=["configurable"]).model_json_schema()
        assert "novastack_model" in schema["$defs"]["Configurable"]["properties"]
