"""The router's graph as ASCII; collected only where grandalf is installed, with the `notebooks` extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_novastack import NovastackRouter


def test_the_graph_draws_as_ascii(router: NovastackRouter) -> None:
    drawn = router.get_graph().draw_ascii()
    assert drawn.isascii()
    assert all(part in drawn for part in ("KeywordPolicy", "qwen", "deepseek", "claude", "answer"))
