"""LCEL: every way to put a model into a chain."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import total
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.output_parsers import (
    CommaSeparatedListOutputParser,
    JsonOutputParser,
    PydanticOutputParser,
    StrOutputParser,
)
from langchain_core.prompt_values import ChatPromptValue, StringPromptValue
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
from langchain_core.runnables import (
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    chain,
)
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

QUESTION = "Why is the sky blue?"
ECHO = f"You asked: {QUESTION}"
PROMPT = ChatPromptTemplate.from_template("Why is the {thing} blue?")
INPUTS: dict[str, Any] = {
    "text": QUESTION,
    "messages": [SystemMessage("Be brief."), HumanMessage(QUESTION)],
    "pairs": [("system", "Be brief."), ("human", QUESTION)],
    "dicts": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}],
    "texts": [QUESTION],
    "mixed": [("system", "Be brief."), HumanMessage(QUESTION)],
    "text block": [HumanMessage([{"type": "text", "text": QUESTION}])],
    "standard blocks": [HumanMessage(content_blocks=[{"type": "text", "text": QUESTION}])],
    "chat prompt value": ChatPromptValue(messages=[HumanMessage(QUESTION)]),
    "text prompt value": StringPromptValue(text=QUESTION),
}


@pytest.mark.parametrize("form", list(INPUTS))
async def test_every_form_of_input(llm: Any, ask: Ask, form: str) -> None:
    message = await ask(llm, INPUTS[form])
    assert ECHO in message.text
    assert message.response_metadata["model_name"] == "Qwen3-235B-A22B"


async def test_between_a_prompt_and_a_parser(llm: Any, ask: Ask) -> None:
    pipe = PROMPT | llm | StrOutputParser() | RunnableGenerator(_in_one, _ain_one)
    assert ECHO in await ask(pipe, {"thing": "sky"})


def _in_one(pieces: Iterator[str]) -> Iterator[str]:
    yield "".join(pieces)


async def _ain_one(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    yield "".join([piece async for piece in pieces])


@pytest.mark.parametrize(
    "before",
    [
        PromptTemplate.from_template("Why is the {thing} blue?"),
        PROMPT.partial(thing="sky"),
        RunnableLambda(lambda given: f"Why is the {given['thing']} blue?"),
        {"thing": itemgetter("thing")} | PROMPT,
    ],
    ids=["text prompt", "partial prompt", "function", "dict"],
)
async def test_behind_anything(llm: Any, ask: Ask, before: Any) -> None:
    assert ECHO in (await ask(before | llm, {"thing": "sky"})).text


async def test_before_plain_functions(llm: Any) -> None:
    pipe = llm | attrgetter("text") | str.upper
    assert ECHO.upper() in pipe.invoke(QUESTION)
    assert ECHO.upper() in await pipe.ainvoke(QUESTION)


async def test_a_history_goes_into_a_placeholder(llm: Any, ask: Ask, box: Sandbox) -> None:
    prompt = ChatPromptTemplate([("system", "Be brief."), MessagesPlaceholder("history"), ("human", "{question}")])
    history = [("human", "Hello"), ("ai", "Good day.")]
    assert ECHO in (await ask(prompt | llm, {"history": history, "question": QUESTION})).text
    assert [each["role"] for each in box.requests[-1].body["messages"]] == ["system", "user", "assistant", "user"]


async def test_parallel_branches_each_get_their_answer(llm: Any, box: Sandbox) -> None:
    both = RunnableParallel(first=PROMPT | llm, second=llm.bind(stop=["nothing"]), given=RunnablePassthrough())
    pipe: Any = RunnableLambda(lambda _: PROMPT.invoke({"thing": "sky"})) | RunnableParallel(first=llm, second=llm)
    for answers in (pipe.invoke(None), await pipe.ainvoke(None)):
        assert [ECHO in answers[name].text for name in ("first", "second")] == [True, True]
    assert len(box.requests) == 4
    assert set(both.get_output_schema().model_fields) == {"first", "second", "given"}


async def test_parallel_streams_come_interleaved_and_whole(llm: Any) -> None:
    both = RunnableParallel(first=llm, second=llm)
    streams = [list(both.stream(QUESTION)), [chunk async for chunk in both.astream(QUESTION)]]
    for chunks in streams:
        for name in ("first", "second"):
            assert ECHO in total([chunk[name] for chunk in chunks if name in chunk]).text


async def test_a_branch_chooses(llm: Any, ask: Ask, box: Sandbox) -> None:
    branch = RunnableBranch((lambda text: "sky" in str(text), llm.bind(seed=1)), llm.bind(seed=2))
    await ask(branch, QUESTION)
    await ask(branch, "Why is grass green?")
    assert [request.body["seed"] for request in box.requests] == [1, 2]


async def test_assign_keeps_the_input(llm: Any) -> None:
    pipe = RunnablePassthrough.assign(answer=PROMPT | llm | StrOutputParser())
    for result in (pipe.invoke({"thing": "sky"}), await pipe.ainvoke({"thing": "sky"})):
        assert result["thing"] == "sky"
        assert ECHO in result["answer"]


async def test_pick_and_map(llm: Any) -> None:
    picked = RunnablePassthrough.assign(answer=PROMPT | llm).pick("answer")
    assert ECHO in picked.invoke({"thing": "sky"}).text
    answers = [*llm.map().invoke([QUESTION, "And the sea?"]), *await llm.map().ainvoke([QUESTION, "And the sea?"])]
    assert ["And the sea?" in answer.text for answer in answers] == [False, True, False, True]


async def test_a_chain_as_a_tool(llm: Any) -> None:
    tool = (PROMPT | llm | StrOutputParser()).as_tool(name="why_blue", description="Say why something is blue.")
    assert ECHO in tool.invoke({"thing": "sky"})
    assert ECHO in await tool.ainvoke({"thing": "sky"})
    assert list(tool.args) == ["thing"]


async def test_a_chain_as_a_tool_of_the_same_model(llm: Any) -> None:
    tool = (PROMPT | llm | StrOutputParser()).as_tool(name="why_blue", description="Say why something is blue.")
    (call,) = llm.bind_tools([tool]).invoke("Use why_blue, thing: sea").tool_calls
    assert call["args"] == {"thing": "sea"}
    assert "Why is the sea blue?" in tool.invoke(call).content


async def test_inside_a_decorated_chain(llm: Any, ask: Ask) -> None:
    @chain
    def twice(thing: str) -> Any:
        first = llm.invoke(f"What is {thing}?")
        return llm.bind(stop=["never"]) if "simulated" in first.text else "no answer"

    assert "You asked: the sky" in (await ask(twice, "the sky")).text


def test_transform_reads_its_input_piece_by_piece(llm: Any) -> None:
    pieces: list[Any] = ["Why is ", "the sky blue?"]
    assert ECHO in total(list(llm.transform(iter(pieces)))).text


async def test_atransform_reads_its_input_piece_by_piece(llm: Any) -> None:
    async def pieces() -> AsyncIterator[Any]:
        yield "Why is "
        yield "the sky blue?"

    assert ECHO in total([chunk async for chunk in llm.atransform(pieces())]).text


async def test_json_is_parsed_while_it_streams(llm: Any, box: Sandbox) -> None:
    box.answer("*", '{"names": ["Ada", "Grace", "Edsger"], "count": 3}', times=None)
    pipe = llm | JsonOutputParser()
    whole = {"names": ["Ada", "Grace", "Edsger"], "count": 3}
    seen = list(pipe.stream("Three names as JSON"))
    assert seen == [part async for part in pipe.astream("Three names as JSON")]
    assert {"names": ["Ada"]} in seen
    assert (seen[-1], pipe.invoke("Three names as JSON")) == (whole, whole)


async def test_lists_are_parsed_while_they_stream(llm: Any, box: Sandbox) -> None:
    box.answer("*", "red, green, blue", times=None)
    pipe = llm | CommaSeparatedListOutputParser()
    assert list(pipe.stream("Colours")) == [["red"], ["green"], ["blue"]]
    assert [part async for part in pipe.astream("Colours")] == [["red"], ["green"], ["blue"]]


class City(BaseModel):
    """A city."""

    name: str
    people: int


async def test_a_pydantic_parser(llm: Any, ask: Ask, box: Sandbox) -> None:
    box.answer("*", '{"name": "Graz", "people": 300000}')
    assert await ask(llm | PydanticOutputParser(pydantic_object=City), "Graz?") == City(name="Graz", people=300_000)


def test_schemas_names_and_graphs(llm: Any) -> None:
    pipe = PROMPT | llm | StrOutputParser()
    drawn = pipe.get_graph().draw_mermaid()
    shown = ("qwen", "deepseek", "claude") if type(llm).__name__ == "NovastackRouter" else ("ChatNovastack",)
    assert all(name in drawn for name in ("ChatPromptTemplate", "StrOutputParser", *shown))
    assert pipe.get_input_schema().model_json_schema()["required"] == ["thing"]
    assert "anyOf" in llm.get_input_schema().model_json_schema()
    assert "oneOf" in str(llm.get_output_schema().model_json_schema())
