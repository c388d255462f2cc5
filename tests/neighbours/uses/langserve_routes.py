"""LangServe: routes of a model, asked over HTTP; the model's name comes by the config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from langserve import add_routes

    app = FastAPI()
    add_routes(app, model, path="/model", config_keys=["configurable"])
    client = TestClient(app)
    body = {"input": "Hello", "config": {}}

    def answered(path: str, sent: dict[str, Any] = body) -> Callable[[], None]:
        def run() -> None:
            before = len(box.requests)
            answer = client.post(f"/model/{path}", json=sent)
            assert answer.status_code == 200, answer.text[:200]
            assert "error" not in answer.text[:60], answer.text[:200]
            assert len(box.requests) > before

        return run

    def named() -> None:
        given = {"input": "Hello", "config": {"configurable": {"novastack_model": "claude"}}}
        answered("invoke", given)()
        expected = (
            "claude" if "novastack_model" in str(client.get("/model/config_schema").json()) else box.requests[-1].model
        )
        assert box.requests[-1].model == expected

    yield "invoke", answered("invoke")
    yield "stream", answered("stream")
    yield "stream_log", answered("stream_log")
    yield "batch", answered("batch", {"inputs": ["Hello", "Goodbye"]})
    yield "the model's name in the config", named
