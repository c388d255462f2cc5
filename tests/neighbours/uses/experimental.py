"""langchain-experimental: a graph made of text, made-up data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from langchain_core.documents import Document

    from neighbours.look import LOOP

    def graph() -> None:
        from langchain_experimental.graph_transformers import LLMGraphTransformer

        before = len(box.requests)
        LLMGraphTransformer(llm=model, allowed_nodes=["Person"]).convert_to_graph_documents(
            [Document("Ann knows Bob.")]
        )
        LOOP.run_until_complete(
            LLMGraphTransformer(llm=model).aconvert_to_graph_documents([Document("Ann knows Bob.")])
        )
        assert len(box.requests) == before + 2

    def data() -> None:
        from langchain_experimental.synthetic_data import create_data_generation_chain

        assert create_data_generation_chain(model).invoke({"fields": ["a"], "preferences": {}})

    yield "a graph of a text", graph
    yield "made-up data", data
