"""joblib: calls in worker processes, and answers kept on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def ask(model: Any, text: str) -> str:
    return str(model.invoke(text).text)


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import tempfile

    from joblib import Memory, Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    def workers() -> None:
        try:
            answers = Parallel(n_jobs=2)(delayed(ask)(model, f"Hello {at}") for at in range(4))
        finally:
            get_reusable_executor().shutdown(wait=True)
        assert len(set(map(bool, answers))) == 1
        assert len(box.requests) == 4

    def kept() -> None:
        kept_ask = Memory(tempfile.mkdtemp(), verbose=0).cache(ask, ignore=["model"])
        before = len(box.requests)
        assert kept_ask(model, "Hello") == kept_ask(model, "Hello")
        assert len(box.requests) == before + 1

    yield "calls in processes", workers
    yield "answers kept on disk", kept
