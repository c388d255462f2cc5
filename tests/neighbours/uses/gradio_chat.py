"""Gradio: a chat whose function streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import gradio

    def chat(message: str, history: list[Any]) -> Iterator[str]:
        text = ""
        for chunk in model.stream([*history, ("user", message)]):
            text += chunk.text
            yield text

    def chatted() -> None:
        import os

        os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
        from gradio_client import Client

        app = gradio.ChatInterface(chat)
        _, url, _ = app.launch(prevent_thread_lock=True, quiet=True)
        try:
            assert Client(url, verbose=False).predict("Hello", api_name="/chat")
        finally:
            app.close()
        assert box.requests

    yield "a chat that streams", chatted
