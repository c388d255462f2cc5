"""FastAPI: a route that streams, many callers at once, and one that goes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from concurrent.futures import ThreadPoolExecutor

    from fastapi import FastAPI
    from fastapi.responses import StreamingResponse
    from fastapi.testclient import TestClient

    app = FastAPI()

    @app.get("/streamed")
    async def streamed(text: str) -> StreamingResponse:
        async def pieces() -> Any:
            async for chunk in model.astream(text):
                yield chunk.text

        return StreamingResponse(pieces(), media_type="text/plain")

    @app.get("/whole")
    def whole(text: str) -> str:
        return str(model.invoke(text).text)

    def crowd() -> None:
        with TestClient(app) as client, ThreadPoolExecutor(16) as pool:
            asked = [f"{path}?text=Hello {at}" for at in range(16) for path in ("streamed", "whole")]
            answers = list(pool.map(client.get, asked))
        assert all(answer.status_code == 200 and answer.text for answer in answers)

    yield "32 callers at once", crowd
