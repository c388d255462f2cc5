"""Execute the notebooks from a clean state, without a key.

    python notebooks/execute.py            execute all and write their outputs back
    python notebooks/execute.py --check    execute all, change nothing, fail on whatever should not be committed
    python notebooks/execute.py 1_quickstart [--check] [--with-key]

`7_a_million_rows` needs the `scale` extra, so it runs only when it is named. Without `--with-key` the variables
`NOVASTACK_*` are taken away, so that the sandbox answers.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).parent
NAMED_ONLY = {"7_a_million_rows"}
"""Notebooks that need more than the `notebooks` extra."""

SHOWING = {"print", "display", "show", "pprint"}
"""Calls after which a cell must have an output."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
BAR = re.compile(r"^.*\d+%\|.*$")
RAY = re.compile(r"^\[[^\]\n]+\] \w+\.cc:\d+: .*\n?", re.MULTILINE)
"""Lines of Ray's compiled core, which no setting keeps quiet."""
WIDGET = "application/vnd.jupyter.widget-view+json"
"""A bar of `ipywidgets`: nothing but a place in the memory of its kernel."""
PORT = re.compile(r"127\.0\.0\.1:\d+")
ADDRESS = re.compile(r" at 0x[0-9a-f]+>")


def execute(notebook: nbformat.NotebookNode, folder: str, seconds: int) -> None:
    """Run all cells of a notebook, in order, in a new kernel whose working directory is `folder`."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=seconds,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": folder}},
    )
    client.execute()


def normalise(notebook: nbformat.NotebookNode, name: str) -> None:
    """Make the file the same on every machine: plain metadata, ids by place, bars as they ended, no ports."""
    notebook.metadata, notebook.nbformat, notebook.nbformat_minor = nbformat.from_dict(METADATA), 4, 5
    for place, cell in enumerate(notebook.cells, 1):
        cell.id, cell.metadata = f"{name}-{place}", {}
        if cell.cell_type == "code":
            cell.outputs = tidy(cell.outputs)


def tidy(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return a cell's outputs without noise: each stream in one piece, bars as they ended, and before all else."""
    streams: dict[str, str] = {}
    others = []
    for output in outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        elif WIDGET not in output.get("data", {}):
            if "metadata" in output:
                output.metadata = {}
            output.pop("transient", None)
            others.append(output)
    texts = {name: "\n".join(line.split("\r")[-1] for line in text.split("\n")) for name, text in streams.items()}
    texts = {name: RAY.sub("", text) for name, text in texts.items()}
    told = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in sorted(texts.items()) if text]
    return told + others


def must_show(source: str) -> bool:
    """Return whether a cell has to have an output: it prints, or its last line is an expression without semicolon."""
    body = ast.parse(re.sub(r"^[!%].*$", "", source, flags=re.MULTILINE)).body
    if body and isinstance(body[-1], ast.Expr) and not source.rstrip().endswith(";"):
        return True
    outer = [node for node in body if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    calls = [node.func for part in outer for node in ast.walk(part) if isinstance(node, ast.Call)]
    return any(getattr(call, "id", getattr(call, "attr", "")) in SHOWING for call in calls)


def text_of(output: nbformat.NotebookNode) -> str:
    """Return all text of an output."""
    data = output.get("data", {})
    texts = [text for kind, text in data.items() if kind.startswith("text/") or kind.endswith(("json", "svg+xml"))]
    return "\n".join([output.get("text", ""), *map(str, texts)])


def complaints(notebook: nbformat.NotebookNode) -> list[str]:
    """Return what is wrong with the outputs of a notebook."""
    machine = {str(Path.home()), str(HERE.parent), sys.prefix, sys.base_prefix, tempfile.gettempdir(), str(Path.cwd())}
    secrets = [value for name, value in os.environ.items() if name.endswith("_API_KEY") and value]
    found = []
    for place, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        texts = [text_of(output) for output in cell.outputs]
        shown = "\n".join(texts)
        if must_show(cell.source) and not any(texts) and not any("data" in output for output in cell.outputs):
            found.append(f"cell {place}: no output")
        found += [f"cell {place}: a path of this machine" for path in machine if len(path) > 1 and path in shown]
        found += [f"cell {place}: a key" for secret in [*secrets, "sandbox-key"] if secret in shown]
        found += [f"cell {place}: an error" for output in cell.outputs if output.output_type == "error"]
        for output in cell.outputs:
            noise = [line for line in output.get("text", "").splitlines() if line and not BAR.match(line)]
            if output.get("name") == "stderr" and noise:
                found.append(f"cell {place}: on standard error: {noise[0][:100]}")
        found += [f"cell {place}: a port or an address" for text in texts if PORT.search(text) or ADDRESS.search(text)]
    return found


def run(path: Path, *, check: bool, seconds: int) -> list[str]:
    """Execute one notebook; return what is wrong with it."""
    committed = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(committed, as_version=4)
    wrong = [f"as committed: {complaint}" for complaint in complaints(notebook)] if check else []
    with tempfile.TemporaryDirectory() as folder:
        try:
            execute(notebook, folder, seconds)
        except CellExecutionError as error:
            return [*wrong, re.sub(r"\x1b\[[0-9;]*m", "", str(error))]
    normalise(notebook, path.stem)
    wrong += complaints(notebook)
    if not check and not wrong:
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    return wrong


def main() -> int:
    """Execute the notebooks; return 1 if anything is wrong with one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="notebooks without .ipynb (default: all but 7_a_million_rows)")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--with-key", action="store_true", help="leave NOVASTACK_* in the environment")
    parser.add_argument("--seconds", type=int, default=120, help="longest time for a cell")
    given = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("NOVASTACK_") and not given.with_key]:
        del os.environ[name]
    os.environ.setdefault("PYTHONHASHSEED", "0")
    paths = [HERE / f"{name.removesuffix('.ipynb')}.ipynb" for name in given.names]
    paths = paths or [path for path in sorted(HERE.glob("*.ipynb")) if path.stem not in NAMED_ONLY]
    failed = False
    for path in paths:
        begun = perf_counter()
        wrong = run(path, check=given.check, seconds=given.seconds)
        print(f"{path.stem}: {'FAILED' if wrong else 'ok'} ({perf_counter() - begun:.1f} s)", flush=True)
        for complaint in wrong:
            print(f"  {complaint}")
        failed = failed or bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
