"""No `OPENAI_*` variable has any effect on what is sent."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import Ask, total

from langchain_novastack import ChatNovastack, NovastackNotFoundError, NovastackRouter

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_novastack.sandbox import Sandbox

OTHERS = {
    "OPENAI_API_KEY": "sk-leak",
    "OPENAI_ADMIN_KEY": "sk-leak",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/leak",
    "OPENAI_API_BASE": "http://127.0.0.1:9/leak",
    "OPENAI_ORG_ID": "org-leak",
    "OPENAI_ORGANIZATION": "org-leak",
    "OPENAI_PROJECT_ID": "proj-leak",
    "OPENAI_PROXY": "http://127.0.0.1:9",
    "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer other\nX-Leak: leak",
}


@pytest.fixture(autouse=True)
def _variables_of_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)


def assert_clean(box: Sandbox) -> None:
    for request in box.requests:
        assert request.headers["authorization"] == f"Bearer {box.api_key}"
        assert "openai-organization" not in request.headers
        assert "openai-project" not in request.headers
        assert "leak" not in str(request.headers)
        assert "other" not in str(request.headers.values())


async def test_nothing_of_it_is_sent(router: NovastackRouter, box: Sandbox, ask: Ask) -> None:
    """In all four ways the sandbox sees its own key and no organisation, project or custom header."""
    await ask(router, "Hello")
    assert len(box.requests) == 1
    assert_clean(box)


TOLD = ("lang", "os", "arch", "runtime", "runtime-version", "package-version", "async")
"""What the SDK tells about the machine, each as `x-stainless-...`."""


async def test_the_gateway_is_not_told_about_the_machine(router: NovastackRouter, box: Sandbox, ask: Ask) -> None:
    """The SDK's report for OpenAI (system, processor, Python) is left out, on the fast path and on the slow one."""
    slow = NovastackRouter(base_url=box.base_url, api_key=box.api_key, fast=False)
    for each in (router, slow):
        await ask(each, "Hello")
    for request in box.requests:
        assert not {f"x-stainless-{name}" for name in TOLD} & request.headers.keys()
        assert request.headers["x-stainless-retry-count"] == "0"


@pytest.mark.parametrize("name", ["X-Stainless-OS", "x-stainless-os"])
async def test_unless_the_user_tells_it(box: Sandbox, ask: Ask, name: str) -> None:
    model = ChatNovastack(base_url=box.base_url, api_key=box.api_key, default_headers={name: "mine"})
    await ask(model, "Hello")
    assert box.requests[-1].headers["x-stainless-os"] == "mine"


@pytest.mark.parametrize("copied", ["with_options", "copy"])
def test_not_after_the_sdks_copies_either(model: Callable[..., ChatNovastack], box: Sandbox, copied: str) -> None:
    """A client that the user copies from a model's keeps the gateway's key and headers."""
    client = getattr(model().root_client, copied)(timeout=5)
    client.chat.completions.create(model="Qwen3-235B-A22B", messages=[{"role": "user", "content": "Hello"}])
    assert_clean(box)


async def test_nor_after_a_pickle(router: NovastackRouter, box: Sandbox) -> None:
    """A copy that travelled builds its clients again, and they ignore the environment too."""
    travelled: Any = pickle.loads(pickle.dumps(router))  # noqa: S301 - our own bytes
    travelled.invoke("Hello")
    await travelled.ainvoke("Hello")
    assert total(list(travelled.stream("Hello"))).content
    assert_clean(box)


def test_a_missing_key_is_an_error_that_names_the_variable() -> None:
    """The user's OpenAI key does not stand in for a missing one."""
    with pytest.raises(ValueError, match="NOVASTACK_API_KEY"):
        ChatNovastack()
    with pytest.raises(ValueError, match="NOVASTACK_API_KEY"):
        NovastackRouter()


@pytest.mark.parametrize(
    "pasted", ["{}", "{}/", "{}/chat/completions", "{}/chat/completions/"], ids=["plain", "slash", "path", "both"]
)
def test_base_urls_are_cleaned(box: Sandbox, monkeypatch: pytest.MonkeyPatch, pasted: str) -> None:
    """Key and base URL come from the Novastack variables; what users paste at the end is removed."""
    monkeypatch.setenv("NOVASTACK_API_KEY", box.api_key)
    monkeypatch.setenv("NOVASTACK_BASE_URL", pasted.format(box.base_url))
    model = ChatNovastack()
    assert model.openai_api_base == box.base_url
    assert model.invoke("Hello").content


def test_the_public_gateway_is_the_default() -> None:
    assert ChatNovastack(api_key="k").openai_api_base == "https://api.novapai.ai/router/v1"


async def test_a_base_url_needs_no_path(box: Sandbox, ask: Ask) -> None:
    """Whatever stands in front: the request goes to `/chat/completions` below it. The sandbox has nothing there."""
    bare = box.base_url.removesuffix("/router/v1")
    model = ChatNovastack(base_url=bare, api_key=box.api_key)
    with pytest.raises(NovastackNotFoundError):
        await ask(model, "Hello")
    assert box.requests[-1].path == "/chat/completions"
