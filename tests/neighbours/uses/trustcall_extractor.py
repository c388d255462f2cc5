"""trustcall: an extractor, and a patch of what is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from pydantic import BaseModel
    from trustcall import create_extractor

    class Person(BaseModel):
        """A person."""

        name: str
        city: str

    extractor = create_extractor(model, tools=[Person], tool_choice="Person")

    def extracted() -> None:
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, tool_calls=[{"name": "Person", "args": {"name": "Ann", "city": "Oslo"}}])
        (person,) = extractor.invoke({"messages": [("user", "Ann lives in Oslo.")]})["responses"]
        assert person == Person(name="Ann", city="Oslo")
        box.clear()

    def patched() -> None:
        patch = {
            "json_doc_id": "Person",
            "planned_edits": "the city",
            "patches": [{"op": "replace", "path": "/city", "value": "Bergen"}],
        }
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, tool_calls=[{"name": "PatchDoc", "args": patch}])
        extractor = create_extractor(model, tools=[Person])
        given = {
            "messages": [("user", "Ann moved to Bergen.")],
            "existing": {"Person": {"name": "Ann", "city": "Oslo"}},
        }
        (person,) = extractor.invoke(given)["responses"]
        assert person.city == "Bergen"
        box.clear()

    yield "an extractor", extracted
    yield "a patch", patched
