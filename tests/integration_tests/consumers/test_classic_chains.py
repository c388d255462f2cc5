"""langchain-classic: the chains and retrievers of older code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers.agent_parts import Report
from langchain_classic.chains import (
    ConversationChain,
    LLMChain,
    RetrievalQA,
    create_history_aware_retriever,
    create_retrieval_chain,
)
from langchain_classic.chains.combine_documents import create_stuff_documents_chain
from langchain_classic.chains.summarize import load_summarize_chain
from langchain_classic.evaluation import EvaluatorType, load_evaluator
from langchain_classic.memory import (
    ConversationBufferMemory,
    ConversationSummaryMemory,
    ConversationTokenBufferMemory,
)
from langchain_classic.output_parsers import OutputFixingParser
from langchain_classic.retrievers import MultiQueryRetriever
from langchain_classic.retrievers.document_compressors import LLMChainExtractor, LLMChainFilter
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.output_parsers import PydanticOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder, PromptTemplate
from langchain_core.vectorstores import InMemoryVectorStore

if TYPE_CHECKING:
    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
DOCUMENTS = [Document(f"Fact {number}: tides follow the moon.") for number in range(3)]


@pytest.fixture
def store() -> InMemoryVectorStore:
    """A vector store with three documents, whose embeddings need no model."""
    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=16))
    store.add_documents(DOCUMENTS)
    return store


async def test_llm_chain(llm: Any, run: Ask) -> None:
    chain = LLMChain(llm=llm, prompt=PromptTemplate.from_template("Why is the {thing} blue?"))
    assert "You asked: Why is the sky blue?" in (await run(chain, {"thing": "sky"}))["text"]


async def test_llm_chain_apply(llm: Any, box: Sandbox) -> None:
    """The chain calls `generate_prompt` for all inputs at once."""
    chain = LLMChain(llm=llm, prompt=PromptTemplate.from_template("Why is the {thing} blue?"))
    for results in (chain.apply([{"thing": "sky"}, {"thing": "sea"}]), await chain.aapply([{"thing": "sky"}])):
        assert "Why is the sky blue?" in results[0]["text"]
    assert len(box.requests) == 3


@pytest.mark.parametrize(("kind", "requests"), [("stuff", 1), ("map_reduce", 4), ("refine", 3)])
async def test_summaries(llm: Any, run: Ask, box: Sandbox, kind: str, requests: int) -> None:
    chain = load_summarize_chain(llm, chain_type=kind)
    result = await run(chain, {"input_documents": DOCUMENTS})
    assert "simulated" in result["output_text"]
    assert len(box.requests) == requests
    assert {request.model for request in box.requests} == {"qwen"}


async def test_summaries_that_are_too_long_are_collapsed(llm: Any, run: Ask, box: Sandbox) -> None:
    """The chain counts tokens with the model, offline."""
    box.answer("*", "Tides follow the moon. " * 12, times=3).answer("*", "Moon.", times=None)
    chain = load_summarize_chain(llm, chain_type="map_reduce", token_max=150)
    assert (await run(chain, {"input_documents": DOCUMENTS}))["output_text"] == "Moon."
    assert len(box.requests) > 4


async def test_documents_in_one_prompt(llm: Any, ask: Ask, box: Sandbox) -> None:
    prompt = ChatPromptTemplate.from_template("Facts: {context}. Question: {input}")
    chain = create_stuff_documents_chain(llm, prompt)
    await ask(chain, {"context": DOCUMENTS, "input": "Why tides?"})
    assert all(document.page_content in str(box.requests[-1].body) for document in DOCUMENTS)


@pytest.mark.parametrize("kind", ["stuff", "map_reduce", "refine", "map_rerank"])
async def test_retrieval_qa(llm: Any, run: Ask, store: InMemoryVectorStore, box: Sandbox, kind: str) -> None:
    if kind == "map_rerank":
        box.answer("*", "The moon.\nScore: 90", times=None)
    chain = RetrievalQA.from_chain_type(llm, chain_type=kind, retriever=store.as_retriever(search_kwargs={"k": 3}))
    assert (await run(chain, {"query": "Why tides?"}))["result"]
    assert "Fact 1" in str([request.body for request in box.requests])


async def test_retrieval_chain(llm: Any, run: Ask, store: InMemoryVectorStore) -> None:
    prompt = ChatPromptTemplate.from_template("Facts: {context}. Question: {input}")
    chain = create_retrieval_chain(store.as_retriever(), create_stuff_documents_chain(llm, prompt))
    result = await run(chain, {"input": "Why tides?"})
    assert "simulated" in result["answer"]
    assert len(result["context"]) == 3


async def test_multi_query_retriever(llm: Any, run: Ask, store: InMemoryVectorStore, box: Sandbox) -> None:
    box.answer("*", "Why tides?\nWhat moves the sea?")
    retriever = MultiQueryRetriever.from_llm(retriever=store.as_retriever(), llm=llm)
    found = await run(retriever, "Why tides?")
    assert {document.page_content for document in found} == {document.page_content for document in DOCUMENTS}
    assert len(box.requests) == 1


async def test_history_aware_retriever(llm: Any, run: Ask, store: InMemoryVectorStore, box: Sandbox) -> None:
    prompt = ChatPromptTemplate([MessagesPlaceholder("chat_history"), ("human", "{input}")])
    retriever = create_history_aware_retriever(llm, store.as_retriever(), prompt)
    history = [("human", "Tell me about tides."), ("ai", "They rise.")]
    assert len(await run(retriever, {"input": "Why?", "chat_history": history})) == 3
    assert len(await run(retriever, {"input": "Why?", "chat_history": []})) == 3
    assert len(box.requests) == 1


async def test_document_filters(llm: Any, box: Sandbox) -> None:
    box.answer("*", "YES", times=6)
    kept = LLMChainFilter.from_llm(llm)
    assert len(kept.compress_documents(DOCUMENTS, "tides")) == 3
    assert len(await kept.acompress_documents(DOCUMENTS, "tides")) == 3
    extracted = LLMChainExtractor.from_llm(llm).compress_documents(DOCUMENTS, "tides")
    assert all("simulated" in document.page_content for document in extracted)


def test_memory_counts_tokens_with_the_model(llm: Any, box: Sandbox) -> None:
    memory = ConversationTokenBufferMemory(llm=llm, max_token_limit=60, return_messages=True)
    for number in range(8):
        memory.save_context({"input": f"Question {number}, of some length"}, {"output": "An answer of some length"})
    kept = memory.load_memory_variables({})["history"]
    assert 0 < len(kept) < 16
    assert box.requests == []


async def test_evaluators(llm: Any, box: Sandbox) -> None:
    box.answer("*", "It is short.\nY", times=2)
    judge: Any = load_evaluator(EvaluatorType("criteria"), llm=llm, criteria="conciseness")
    given = {"prediction": "Blue.", "input": "Which colour is the sky?"}
    for verdict in (judge.evaluate_strings(**given), await judge.aevaluate_strings(**given)):
        assert (verdict["score"], verdict["value"]) == (1, "Y")


async def test_a_parser_that_asks_a_model_to_mend(llm: Any, box: Sandbox) -> None:
    box.answer("*", '{"city": "Lisbon", "degrees": 30}', times=2)
    parser = OutputFixingParser.from_llm(llm, PydanticOutputParser(pydantic_object=Report))
    assert parser.parse("nonsense") == await parser.aparse("nonsense") == Report(city="Lisbon", degrees=30)
    assert len(box.requests) == 2


def test_memory_that_summarizes(llm: Any, box: Sandbox) -> None:
    memory = ConversationSummaryMemory(llm=llm)
    memory.save_context({"input": "I am Ada."}, {"output": "Good day."})
    assert "simulated" in memory.load_memory_variables({})["history"]
    assert "I am Ada." in str(box.requests[-1].body)


def test_conversation_chain(llm: Any, box: Sandbox) -> None:
    chain = ConversationChain(llm=llm, memory=ConversationBufferMemory())
    chain.invoke({"input": "I am Ada."})
    chain.invoke({"input": "Who am I?"})
    assert "I am Ada." in str(box.requests[-1].body)
