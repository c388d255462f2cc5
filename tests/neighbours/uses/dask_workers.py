"""Dask: calls in worker processes; an error comes back whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def ask(model: Any, text: str) -> str:
    return str(model.invoke(text).text)


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from dask.distributed import Client

    def workers() -> None:
        with Client(n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None) as client:
            answers = client.gather([client.submit(ask, model, f"Hello {at}") for at in range(6)])
            assert all(answers)
            assert len(box.requests) == 6
            box.fail("*", status=400)
            error = client.submit(ask, model, "Hello").exception()
            assert "400" in str(error), error
            box.clear()

    yield "calls in processes, an error", workers
