"""LangMem: memories that a model takes out of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from langmem import create_memory_manager

    from neighbours.look import LOOP

    manager = create_memory_manager(model, instructions="Extract what the user likes.", enable_inserts=True)
    talk = {"messages": [{"role": "user", "content": "I like green tea."}]}

    def scripted() -> None:
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, tool_calls=[{"name": "Memory", "args": {"content": "Likes green tea."}}])

    def extracted() -> None:
        scripted()
        (memory,) = manager.invoke(talk)
        assert memory.content.content == "Likes green tea."
        box.clear()

    def aextracted() -> None:
        scripted()
        (memory,) = LOOP.run_until_complete(manager.ainvoke(talk))
        assert memory.content.content == "Likes green tea."
        box.clear()

    yield "memories", extracted
    yield "memories, async", aextracted
