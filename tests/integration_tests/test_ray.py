"""The recipe of `docs/scale.md` for Ray Data, on a local Ray: no row is lost, whatever a model does.

Collected only where Ray is installed (`scale` extra; the row `py311-ray` of `.ci/matrix`).
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from helpers.pages import ROOT, examples

import langchain_novastack
from langchain_novastack import NovastackRouter
from langchain_novastack.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS, CODE_ROWS, CREATIVE_ROWS = 5_000, 1_667, 1_667
WORKERS, AT_ONCE = 2, 8
PROMPTS = ("Debug this function, number {}.", "Write a poem about the number {}.", "What is the number {} about?")

pytestmark = pytest.mark.timeout(400)


def recipe_source() -> str:
    """Return the recipe as the page has it."""
    return examples(ROOT / "docs" / "scale.md", "py")[0].code


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A local Ray, without its dashboard and its bars."""
    module = import_module("ray")
    module.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=200 * 2**20)
    data = import_module("ray.data")
    data.DataContext.get_current().enable_progress_bars = False
    yield module
    module.shutdown()


@pytest.fixture(scope="module")
def recipe() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(recipe_source(), "docs/scale.md, Ray", "exec"), names)  # noqa: S102 - that is the test
    return names


@pytest.fixture(scope="module")
def charging() -> Iterator[Sandbox]:
    with Sandbox(cost=True) as box:
        yield box


@pytest.fixture
def asked(charging: Sandbox) -> NovastackRouter:
    return NovastackRouter(base_url=charging.base_url, api_key=charging.api_key, max_retries=0, skip_after=None)


def rows(ray: Any, count: int) -> Any:
    return ray.data.from_items([{"id": at, "prompt": PROMPTS[at % 3].format(at)} for at in range(count)])


def test_rows_in_are_rows_out_with_a_model_that_flaps(
    ray: Any, recipe: dict[str, Any], charging: Sandbox, asked: NovastackRouter, tmp_path: Path
) -> None:
    """5,000 rows: every one is answered, or has its typed error; then the failures, and only they, are asked again."""
    charging.clear()
    for _ in range(CODE_ROWS // 40 + 1):
        charging.fail("deepseek", status=503, times=20)
        charging.answer("deepseek", times=20)
    charging.fail("qwen", status=500, times=30)

    recipe["ask_all"](rows(ray, ROWS), asked, tmp_path, workers=WORKERS, at_once=AT_ONCE)
    found = recipe["results"](tmp_path)
    assert list(found["id"]) == list(range(ROWS))
    failed = found[found["error"].notna()]
    assert len(failed) == 30
    kinds = {error.partition(":")[0] for error in failed["error"]}
    assert kinds <= set(langchain_novastack.__all__)
    assert found[found["error"].isna()]["answer"].str.contains("simulated").all()
    by_model = Counter(found["model"].dropna())
    assert by_model["claude"] == CREATIVE_ROWS
    assert by_model["deepseek"] > CODE_ROWS // 3
    assert sum(by_model.values()) == ROWS - 30
    stood_in = found[found["fallback"].notna() & (found["fallback"] == True)]  # noqa: E712 - a column of None, True, False
    assert set(stood_in["model"]) == {"qwen"}
    assert len(stood_in) > CODE_ROWS // 3
    assert found.groupby("model")["usd"].sum().min() > 0
    assert charging.connections.total >= WORKERS

    before = len(charging.requests)
    charging.heal()
    recipe["ask_all"](rows(ray, ROWS), asked, tmp_path, workers=WORKERS, at_once=AT_ONCE)
    again = recipe["results"](tmp_path)
    assert len(charging.requests) - before == 30
    assert list(again["id"]) == list(range(ROWS))
    assert again["error"].isna().all()


def test_a_crash_in_the_middle_loses_nothing(
    ray: Any, recipe: dict[str, Any], charging: Sandbox, asked: NovastackRouter, tmp_path: Path
) -> None:
    """Part of the output, with one file cut short: the next call asks for the rest, and for that file's rows."""
    charging.clear()
    recipe["ask_all"](rows(ray, 200), asked, tmp_path / "a")
    whole = next((tmp_path / "a").glob("*.parquet"))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b" / "cut.parquet").write_bytes(whole.read_bytes()[:500])
    done = len(charging.requests)
    recipe["ask_all"](rows(ray, 500), asked, tmp_path / "b")
    assert len(charging.requests) - done == 300
    assert list(recipe["results"](tmp_path / "b")["id"]) == list(range(500))


def test_nothing_is_asked_where_everything_is_answered(
    ray: Any, recipe: dict[str, Any], charging: Sandbox, asked: NovastackRouter, tmp_path: Path
) -> None:
    charging.clear()
    for _ in range(2):
        recipe["ask_all"](rows(ray, 50), asked, tmp_path)
    assert len(charging.requests) == 50
    assert len(recipe["results"](tmp_path)) == 50


def test_each_worker_keeps_to_its_limit(ray: Any, recipe: dict[str, Any], tmp_path: Path) -> None:
    """One router per worker, each with so many requests at once: never more connections than both make together."""
    with Sandbox(delay=0.02) as slow:
        router = NovastackRouter(base_url=slow.base_url, api_key=slow.api_key)
        recipe["ask_all"](rows(ray, 600), router, tmp_path, workers=WORKERS, at_once=4)
        assert len(slow.requests) == 600
        assert WORKERS <= slow.connections.total <= WORKERS * 4


def test_the_notebook_tells_the_same_recipe() -> None:
    notebook = json.loads((ROOT / "notebooks" / "7_a_million_rows.ipynb").read_text(encoding="utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert recipe_source().strip() in sources
