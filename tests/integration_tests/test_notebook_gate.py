"""`notebooks/execute.py --check` fails on whatever should not be committed.

Collected only where nbclient is installed, with the `notebooks` extra.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = {
    "1_quickstart",
    "2_chains_and_structured_output",
    "3_agents_with_tools",
    "4_compare_models",
    "5_teach_it_your_tasks",
    "6_the_bad_day",
    "7_a_million_rows",
    "8_what_it_costs",
}


@pytest.fixture(scope="module")
def gate() -> Any:
    spec = spec_from_file_location("notebook_gate", FOLDER / "execute.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(source: str, *outputs: Any) -> Any:
    v4 = import_module("nbformat.v4")
    return v4.new_notebook(cells=[v4.new_code_cell(source, outputs=list(outputs))])


def said(text: str, name: str = "stdout") -> Any:
    return import_module("nbformat.v4").new_output("stream", name=name, text=text)


@pytest.mark.parametrize(
    ("source", "text", "name", "complaint"),
    [
        ("print(x)", "", "stdout", "no output"),
        ("for x in y:\n    print(x)", "", "stdout", "no output"),
        ("x", "", "stdout", "no output"),
        ("x = 1", str(Path.home() / "data.csv"), "stdout", "a path of this machine"),
        ("x = 1", "the key is sandbox-key", "stdout", "a key"),
        ("x = 1", "UserWarning: something", "stderr", "on standard error"),
        ("x = 1", "at http://127.0.0.1:4321/router/v1", "stdout", "a port or an address"),
        ("x = 1", "<Thing object at 0x7f00aa>", "stdout", "a port or an address"),
    ],
)
def test_what_should_not_be_committed_is_named(gate: Any, source: str, text: str, name: str, complaint: str) -> None:
    outputs = [said(text, name)] if text else []
    assert any(complaint in found for found in gate.complaints(notebook(source, *outputs)))


@pytest.mark.parametrize(
    ("source", "outputs"),
    [
        ("x = 1", []),
        ("x.close();", []),
        ("def show():\n    print(1)", []),
        ("print(1)", [("1\n", "stdout")]),
        ("run()", [("done: 100%|#####| 3/3 [00:00<00:00, 9it/s]", "stderr")]),
    ],
)
def test_what_is_well_passes(gate: Any, source: str, outputs: list[tuple[str, str]]) -> None:
    assert gate.complaints(notebook(source, *(said(*output) for output in outputs))) == []


def test_a_bar_that_only_its_kernel_could_show_is_left_out(gate: Any) -> None:
    bar = import_module("nbformat.v4").new_output("display_data", {gate.WIDGET: {"model_id": "1"}, "text/plain": "0%"})
    assert [output.text for output in gate.tidy([bar, said("kept")])] == ["kept"]


def test_an_error_fails_the_command_and_nothing_is_written(tmp_path: Path) -> None:
    nbformat = import_module("nbformat")
    for name, source in {"good": "print(6 * 7)", "bad": "1 / 0"}.items():
        nbformat.write(notebook(source), tmp_path / f"{name}.ipynb")
    before = (tmp_path / "bad.ipynb").read_text()
    command = [sys.executable, str(FOLDER / "execute.py"), str(tmp_path / "good"), str(tmp_path / "bad")]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=110, check=False)
    assert done.returncode == 1
    assert "good: ok" in done.stdout
    assert "bad: FAILED" in done.stdout
    assert "ZeroDivisionError" in done.stdout
    assert (tmp_path / "bad.ipynb").read_text() == before
    assert "42" in (tmp_path / "good.ipynb").read_text()


def test_seven_notebooks_are_committed_with_outputs_and_without_times(gate: Any) -> None:
    nbformat = import_module("nbformat")
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == NAMES
    for path in FOLDER.glob("*.ipynb"):
        book = nbformat.read(path, as_version=4)
        assert 10 <= len(book.cells) <= 20, path.stem
        assert gate.complaints(book) == [], path.stem
        assert all(cell.metadata == {} for cell in book.cells), path.stem
        assert any(cell.get("outputs") for cell in book.cells), path.stem
