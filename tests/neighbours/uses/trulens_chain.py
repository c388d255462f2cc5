"""TruLens: a chain that is recorded; it looks at every attribute of what is in the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import tempfile

    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from trulens.apps.langchain import TruChain
    from trulens.core import TruSession

    session = TruSession(database_url=f"sqlite:///{tempfile.mkdtemp()}/trulens.db")
    session.reset_database()
    chain = ChatPromptTemplate.from_template("Say something about {topic}.") | model | StrOutputParser()

    def recorded() -> None:
        recorder = TruChain(chain, app_name="chain", app_version="1")
        before = len(box.requests)
        with recorder:
            assert chain.invoke({"topic": "tides"})
        assert len(box.requests) == before + 1

    yield "a recorded chain", recorded
