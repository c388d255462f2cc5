"""Streamlit: a page that streams, with a model that is kept between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]

PAGE = """
import streamlit
from neighbours.uses.streamlit_app import MODEL


@streamlit.cache_resource
def kept():
    return MODEL[0]


@streamlit.cache_data
def asked(_model, text):
    return _model.invoke(text).text


streamlit.write_stream(chunk.text for chunk in kept().stream("Hello"))
streamlit.text(asked(kept(), "Hello"))
"""
MODEL: list[Any] = []


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import streamlit
    from streamlit.testing.v1 import AppTest

    def page() -> None:
        MODEL[:] = [model]
        streamlit.cache_resource.clear()
        streamlit.cache_data.clear()
        app = AppTest.from_string(PAGE, default_timeout=20).run()
        assert not app.exception, app.exception
        app.run()
        assert len(box.requests) == 3, len(box.requests)

    yield "a page that streams and keeps", page
