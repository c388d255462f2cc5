"""The pages say what is true: their examples run, and their links lead somewhere.

What a page needs beyond the `test` extra is run where it is installed: litellm's side of `docs/coming-from.md` with
the `bench` extra, LangChain's `ModelRouterMiddleware` with langchain 1.5 or newer.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from helpers.pages import PAGES, ROOT, Example, examples

from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODED = [page for page in PAGES if examples(page)]
FILED = [page for page in CODED if any(example.file for example in examples(page))]


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def session(box: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Names that the examples of a page share, with the sandbox as the gateway; what they start or open is closed."""
    logger = logging.getLogger("langchain_novastack")
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "level", logger.level)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOVASTACK_API_KEY", box.api_key)
    monkeypatch.setenv("NOVASTACK_BASE_URL", box.base_url)
    names: dict[str, Any] = {"__name__": "page"}
    yield names
    for each in names.values():
        if isinstance(each, Sandbox):
            each.close()
    for handler in logger.handlers:
        handler.close()


def run(example: Example, session: dict[str, Any]) -> None:
    """Run an example, so that errors name its lines on its page."""
    code = "\n" * (example.line - 1) + example.code
    exec(compile(code, example.page, "exec", dont_inherit=True), session)  # noqa: S102 - that is the test


@pytest.mark.parametrize("page", CODED, ids=named)
def test_every_example_runs_and_prints_what_its_comments_promise(
    page: Path, box: Sandbox, session: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """All of a page run in one session, in order. Where one says what it prints (`print(x)  # claude`), it does."""
    for example in examples(page):
        if example.file or not example.can_run:
            continue
        run(example, session)
        printed = iter(capsys.readouterr().out.splitlines())
        missing = [promise for promise in example.promises if promise not in printed]  # each after the one before it
        assert not missing, f"{example.page}:{example.line}"
    assert page != PAGES[0] or len(box.requests) >= 5


@pytest.mark.parametrize("page", FILED, ids=named)
def test_files_that_a_page_shows_pass_as_tests(page: Path, tmp_path: Path) -> None:
    shown = [example for example in examples(page) if example.file]
    for example in shown:
        (tmp_path / example.file).write_text(example.code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=110, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{sum(example.code.count('def test_') for example in shown)} passed" in done.stdout


def test_the_pages_have_something_to_check() -> None:
    """So that a slip of the reader of pages does not pass for pages without examples."""
    found = [example for page in PAGES for example in examples(page)]
    assert len(CODED) >= 8
    assert len(found) >= 30
    assert sum(len(example.promises) for example in found) >= 20
    assert {example.needs for example in found if example.needs} == {
        "langchain_litellm",
        "langchain.agents.middleware.model_router",
    }


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """A package index shows the README alone: it has no link or picture that only works beside the other files."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    relative = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not link.startswith("https://")]
    if page == PAGES[0]:
        assert relative == []
    for link in relative:
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE) if anchor else []
        assert not anchor or anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_page_is_in_the_readme() -> None:
    readme = PAGES[0].read_text(encoding="utf-8")
    assert [page.name for page in PAGES[1:] if f"`docs/{page.name}`" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_is_short(page: Path) -> None:
    """What is generated does not count: a table of settings has as many rows as there are settings."""
    text = re.sub(r"<!-- (.+?) -->.*?<!-- /\1 -->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(text.splitlines()) <= 160


def test_the_architecture_names_what_is_there() -> None:
    """Every path is one of the package, and what stands in brackets behind it is defined in that file."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "langchain_novastack"
    named_files = re.findall(r"`([\w/]+(?:\.py|\.json|/))`(?: \(((?:`\w+`[,;]? ?)+)\))?", page)
    drawn_files = [
        (path, f"`{name}`") for name, path in re.findall(r"^ *(?:\w+\.)?(\w+) +([\w/]+\.py) ", page, re.MULTILINE)
    ]
    assert len(named_files) >= 50
    assert len(drawn_files) >= 12
    for path, names in named_files + drawn_files:
        file = next((root / path for root in (package, ROOT) if (root / path).exists()), None)
        assert file, path
        text = file.read_text(encoding="utf-8") if names else ""
        defined = r'(?:^ *(?:async )?(?:def|class) +{0}\b|^[\w, ]*\b{0}\b(?::.+|, \w+)* =|^ *"{0}":)'
        missing = [
            name for name in re.findall(r"\w+", names) if not re.search(defined.format(name), text, re.MULTILINE)
        ]
        assert not missing, path
