"""What a gateway or a model writes never steers a terminal, a log or a notebook; it is shown as JSON escapes it."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from langchain_novastack.__main__ import main
from langchain_novastack.errors import NovastackError
from langchain_novastack.views import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack import NovastackRouter
    from langchain_novastack.sandbox import Sandbox

WORDS = "so \x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m \x00 \r\x85 \u202edne \u2067 end"


def clean(text: str) -> None:
    """Check that a text holds nothing that steers, and that what was in the words is still there to be read."""
    assert [hex(ord(sign)) for sign in text if unicodedata.category(sign) in {"Cc", "Zl"} and sign not in "\n\t"] == []
    assert "\u202e" not in text
    assert "\u2067" not in text
    assert "\\u001b[31mred" in text


async def test_errors_and_logs(
    ask: Ask, box: Sandbox, make: Callable[..., NovastackRouter], log: pytest.LogCaptureFixture
) -> None:
    box.fail("*", status=503, message=WORDS)
    with pytest.raises(NovastackError) as caught:
        await ask(make(max_retries=0), "Debug this function.")
    routing: Any = caught.value.routing
    for text in (str(caught.value), *(attempt["error"] for attempt in routing["attempts"]), log.text):
        clean(text)
    for view in (str(show(caught.value)), show(caught.value)._repr_html_()):
        clean(" ".join(view.split()))


def test_comparisons(box: Sandbox, router: NovastackRouter) -> None:
    box.answer("*", WORDS, times=None)
    compared = router.compare("Hello")
    clean(str(compared))
    clean(compared._repr_html_())
    assert compared["qwen"].message
    assert compared["qwen"].message.text == WORDS, "data stays as it came"


@pytest.mark.parametrize("how", [(), ("--compare",)])
def test_the_command_line(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NOVASTACK_BASE_URL", box.base_url)
    monkeypatch.setenv("NOVASTACK_API_KEY", box.api_key)
    box.answer("*", WORDS, times=None)
    assert main(["Hello", *how]) == 0
    clean(capsys.readouterr().out)
    box.answer("*", WORDS, times=None)
    assert main(["Hello", "--json", *how]) == 0
    written = capsys.readouterr().out
    clean(written)
    said = json.loads(written)
    assert (said[0]["answer"] if how else said["content"]) == WORDS
    box.clear()
    box.fail("*", status=400, message=WORDS)
    assert main(["Hello", "--model", "qwen"]) == 1
    clean(capsys.readouterr().err)
