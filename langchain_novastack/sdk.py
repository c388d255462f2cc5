"""The `openai` SDK as this package uses it: its HTTP library, and clients that ignore `OPENAI_*`.

The only place that touches private names of the SDK (`_custom_headers`), and the reason: the SDK reads
`OPENAI_CUSTOM_HEADERS` in its constructor, which can replace the Authorization header, and offers no
switch. `tests/unit_tests/test_environment.py` breaks when this stops working.
"""

from __future__ import annotations

import importlib
from typing import Any

import openai

# `openai` 2.x is built on httpx, 3.x on httpx2: the same names, other classes.
httpx: Any = importlib.import_module("httpx2" if int(openai.__version__.partition(".")[0]) >= 3 else "httpx")  # noqa: PLR2004

__all__ = ["AsyncNovastackClient", "NovastackClient", "httpx"]


def _forget_environment(client: openai.OpenAI | openai.AsyncOpenAI, given: dict[str, Any]) -> None:
    """Put back what the SDK's constructor filled in from `OPENAI_*` variables.

    Also runs after `with_options` and `copy`, which construct a new client from the old one's settings.
    """
    client.organization = given.get("organization")
    client.project = given.get("project")
    client.webhook_secret = given.get("webhook_secret")
    client.admin_api_key = None
    client._custom_headers = dict(given.get("default_headers") or {})  # noqa: SLF001 - see the module's docstring


class NovastackClient(openai.OpenAI):
    """An `openai.OpenAI` that takes nothing from the environment."""

    def __init__(self, **options: Any) -> None:
        """Take the same options as `openai.OpenAI`; `api_key` and `base_url` are required here."""
        super().__init__(**options)
        _forget_environment(self, options)


class AsyncNovastackClient(openai.AsyncOpenAI):
    """An `openai.AsyncOpenAI` that takes nothing from the environment."""

    def __init__(self, **options: Any) -> None:
        """Take the same options as `openai.AsyncOpenAI`; `api_key` and `base_url` are required here."""
        super().__init__(**options)
        _forget_environment(self, options)
