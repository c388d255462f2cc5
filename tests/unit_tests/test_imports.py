"""What the package exports, and what importing it costs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import langchain_novastack

NAMES = [
    "AllModelsFailedError",
    "Budget",
    "BudgetExceededError",
    "ChatNovastack",
    "Comparison",
    "DeadlineExceededError",
    "EmbeddingPolicy",
    "FileHealth",
    "KeywordPolicy",
    "LLMPolicy",
    "NovastackAuthenticationError",
    "NovastackConflictError",
    "NovastackConnectTimeoutError",
    "NovastackConnectionError",
    "NovastackContextOverflowError",
    "NovastackDisconnectedError",
    "NovastackError",
    "NovastackInvalidRequestError",
    "NovastackNotFoundError",
    "NovastackPaymentRequiredError",
    "NovastackPermissionDeniedError",
    "NovastackQuotaExceededError",
    "NovastackRateLimitError",
    "NovastackRefusedError",
    "NovastackRequestTooLargeError",
    "NovastackResponseError",
    "NovastackRouter",
    "NovastackServerError",
    "NovastackTimeoutError",
    "NovastackUnprocessableError",
    "RedisHealth",
    "RouteDecision",
    "RouteMisconfiguredWarning",
    "RoutedResponse",
    "StreamInterruptedError",
    "Task",
]


def test_public_names_are_these_and_sorted() -> None:
    assert langchain_novastack.__all__ == NAMES


def test_type_checkers_are_told_the_same() -> None:
    """The stub beside `__init__.py` imports each name from the module that it comes from."""
    stub = ast.parse(Path(langchain_novastack.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [
        node for node in stub.body if isinstance(node, ast.ImportFrom) and not str(node.module).endswith("_lazy")
    ]
    told = {each.name: str(node.module).partition(".")[2] for node in imports for each in node.names}
    assert told == vars(langchain_novastack)["_MODULES"]


def test_every_public_name_can_be_imported_and_is_listed() -> None:
    for name in NAMES:
        assert getattr(langchain_novastack, name).__name__ == name
    assert set(NAMES) <= set(dir(langchain_novastack))


def test_the_version_is_that_of_the_distribution() -> None:
    assert langchain_novastack.__version__ == version("langchain-novastack")


def test_unknown_names_are_attribute_errors() -> None:
    assert not hasattr(langchain_novastack, "Novastack")


def loaded_after(statement: str) -> set[str]:
    """Return the top-level modules a fresh interpreter has loaded after a statement."""
    code = f"{statement}; import json, sys; print(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    return set(json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout))


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = {"openai", "langchain_openai", "langchain_core", "pydantic", "httpx", "httpx2", "tiktoken"}
    assert not heavy & loaded_after("import langchain_novastack")


FOURTH = """
import json, pkgutil

shipped = pkgutil.get_data

def with_a_fourth(package, name):
    data = json.loads(shipped(package, name)) if name == "cards.json" else None
    if data is None:
        return shipped(package, name)
    data["cards"].append({**data["cards"][0], "alias": "fourth", "id": "Fourth-1", "names": []})
    return json.dumps(data)

pkgutil.get_data = with_a_fourth
from langchain_novastack import NovastackRouter

print(*NovastackRouter(api_key="key").branches)
"""


def test_a_fourth_model_takes_no_more_than_a_card() -> None:
    done = subprocess.run([sys.executable, "-c", FOURTH], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["qwen", "deepseek", "claude", "fourth"]


def test_policies_and_sandbox_need_no_sdk() -> None:
    assert "openai" not in loaded_after("from langchain_novastack import KeywordPolicy, RouteDecision, Task")
    assert "openai" not in loaded_after(
        "from langchain_novastack import Budget, Comparison, FileHealth, RoutedResponse"
    )
    assert "openai" not in loaded_after("from langchain_novastack.sandbox import Sandbox")


CLASS = """
import inspect, typing
from langchain_novastack import NovastackRouter

class Own(NovastackRouter):
    team: str = ""

str((inspect.signature(Own), Own.model_fields, typing.get_type_hints(Own), inspect.getmembers(Own), Own.lc_id()))
"""


def test_the_router_loads_the_sdk_when_one_is_built() -> None:
    """Importing the class, looking at it and deriving from it wait for neither the SDK nor its adapter."""
    assert not {"openai", "langchain_openai"} & loaded_after(f"exec({CLASS!r})")
    assert {"openai", "langchain_openai"} <= loaded_after(f"exec({CLASS!r}); NovastackRouter(api_key='key')")


SIXTEEN = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from langchain_novastack import NovastackRouter

sys.setswitchinterval(1e-5)
together = Barrier(16)

def first(at):
    together.wait()
    router = NovastackRouter(api_key="key")
    return router.bind_tools([]).route("Debug this Python function.").model, router.with_fallbacks([router])

with ThreadPoolExecutor(16) as threads:
    print(*(model for model, _ in threads.map(first, range(16))))
"""


def test_many_threads_may_build_the_first_router_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", SIXTEEN], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["deepseek"] * 16


STOOD_FOR = """
from unittest.mock import patch
import openai
from langchain_openai import ChatOpenAI
from langchain_novastack import NovastackRouter

with patch("openai.OpenAI"), patch("openai.AsyncOpenAI"), patch("langchain_openai.ChatOpenAI"):
    NovastackRouter(api_key="key")
model = NovastackRouter(api_key="key").models["qwen"]
print(isinstance(model, ChatOpenAI), isinstance(model.root_client, openai.OpenAI))
"""


def test_a_test_that_replaces_the_sdks_classes_may_build_the_first_router() -> None:
    done = subprocess.run([sys.executable, "-c", STOOD_FOR], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
