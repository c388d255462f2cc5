"""The package's layers, and the sizes its code keeps: read from the source, nothing is imported."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypeAlias

import pytest

import langchain_novastack

LAYERS = (
    (
        "_lazy",
        "_compat",
        "callbacks",
        "cards",
        "dialects",
        "errors",
        "field_docs",
        "redaction",
        "tasks",
        "tracing",
        "validation",
    ),
    ("display",),
    ("transport",),
    ("policies",),
    ("fallbacks",),
    ("chat_models",),
    ("costs", "progress"),
    ("router",),
    ("__main__", "evaluation", "sandbox", "views"),
    ("__init__",),
)
"""From the bottom: files and folders of the package; each may import its own layer and those above it in this list."""

APART = {"sandbox": {"cards", "fallbacks.breaker"}}
"""Folders that stand apart: all that each may import besides itself."""

MOST_FLAT_FILES, MOST_LINES, DEEPEST = 16, 25, 4

ROOT = Path(langchain_novastack.__file__).parent
NAME = ROOT.name
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
"""The files of the package by module, without the package's name: `errors`, `router`, `router.build`, `__init__`."""
TREES = {module: ast.parse(path.read_text("utf-8")) for module, path in FILES.items()}

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def imports_of(module: str) -> set[str]:
    """Return the modules of this package that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    inside = {name.removeprefix(f"{NAME}.") for name in found if f"{name}.".startswith(f"{NAME}.")}
    return {name if name in FILES else name.rpartition(".")[0] or "__init__" for name in inside} - {module}


IMPORTS = {module: imports_of(module) for module in FILES}


def layer_of(module: str) -> int:
    return next(at for at, names in enumerate(LAYERS) if module.partition(".")[0] in names)


def functions() -> list[tuple[str, Function]]:
    return [
        (f"{module}:{node.name}", node)
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, Function)
    ]


def none(found: list[str]) -> None:
    assert not found, "\n".join(found)


def test_every_file_has_a_layer() -> None:
    known = {name for names in LAYERS for name in names}
    assert {module.partition(".")[0] for module in FILES} == known


def test_imports_go_down() -> None:
    """Also those for type checkers, and those inside functions."""
    none([f"{module} imports {to}" for module in FILES for to in IMPORTS[module] if layer_of(to) > layer_of(module)])


@pytest.mark.parametrize("folder", APART)
def test_what_stands_apart_imports_little_of_the_rest(folder: str) -> None:
    inside = {module for module in FILES if f"{module}.".startswith(f"{folder}.")}
    others = {to for module in inside for to in IMPORTS[module]} - inside
    assert others <= APART[folder]


def test_no_imports_go_in_a_ring() -> None:
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_the_top_folder_is_small_and_no_file_name_occurs_twice() -> None:
    assert len(list(ROOT.glob("*.py"))) <= MOST_FLAT_FILES
    names = Counter(path.name for path in FILES.values() if not path.name.startswith("__"))
    none([name for name, times in names.items() if times > 1])


def test_functions_are_short() -> None:
    """In lines from `def` to the end, without the docstring."""
    sizes = {name: node.end_lineno - node.lineno + 1 - _docstring_lines(node) for name, node in functions()}  # type: ignore[operator] # parsed nodes have an end
    none([f"{name}: {size}" for name, size in sizes.items() if size > MOST_LINES])


def _docstring_lines(function: Function) -> int:
    text = ast.get_docstring(function, clean=False)
    return 0 if text is None else text.count("\n") + 1


def test_functions_are_not_nested_deeply() -> None:
    depths = {name: _depth(node.body) for name, node in functions()}
    none([f"{name}: {depth}" for name, depth in depths.items() if depth > DEEPEST])


def _depth(statements: list[ast.stmt]) -> int:
    """Return how many blocks stand inside one another; functions inside are counted by themselves."""
    return max((_depth_of(each) for each in statements if not isinstance(each, Function)), default=0)


def _depth_of(statement: ast.stmt) -> int:
    inner = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
    inner += [part.body for name in ("handlers", "cases") for part in getattr(statement, name, [])]
    if isinstance(statement, ast.If) and [type(each) for each in statement.orelse] == [ast.If]:
        return max(1 + _depth(statement.body), _depth_of(statement.orelse[0]))  # `elif` is no deeper
    return isinstance(statement, BLOCKS) + max(map(_depth, inner))


def test_no_method_only_raises_not_implemented() -> None:
    """A class that needs a method of another one takes it as an argument, or is that class."""
    empty = re.compile(r"raise NotImplementedError(\(.*\))?")
    none([name for name, node in functions() if empty.fullmatch("\n".join(map(ast.unparse, _code(node))))])


def _code(function: Function) -> list[ast.stmt]:
    return function.body if ast.get_docstring(function) is None else function.body[1:]


MARKERS = re.compile(r"# ?(noqa(: ?[A-Z]+\d+(, ?[A-Z]+\d+)*)?|type: ignore(\[[\w, -]*\])?)")


def test_every_exception_to_a_rule_has_a_reason_on_its_line() -> None:
    bare = []
    for path in (*FILES.values(), *Path(__file__).parents[1].rglob("*.py")):
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
            if token.type == tokenize.COMMENT and MARKERS.search(token.string):
                reason = MARKERS.sub("", token.string).strip(" #-")
                bare += [] if reason else [f"{path}:{token.start[0]}"]
    none(bare)
