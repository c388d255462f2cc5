"""The flow through a router: who decides, who answers what, who stands in; as text, HTML and a graph."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnablePassthrough
from langchain_core.runnables.graph import Graph

from langchain_novastack.display.tables import cut, table_html, table_text

if TYPE_CHECKING:
    from langchain_core.runnables.graph import Node

    from langchain_novastack.router.interface import Router

_HEAD = ("task", "model", "id", "falls back to", "health")

_ROW, _TOP = 64, 8
"""Pixels from one model's box to the next, and above the first."""

_POLICY, _MODEL = (8, 168), (400, 240)
"""Left edge and width of the boxes, in pixels."""

_BOX = 48
_SVG_WIDTH = 720


def _tasks(router: Router, alias: str) -> str:
    return ", ".join(name for name, model in router.tasks.items() if model == alias)


def _rows(router: Router) -> list[list[Any]]:
    health = router.health()
    rows: list[list[Any]] = []
    for alias, branch in router.branches.items():
        behind = ", ".join(branch.aliases[1:])
        rows.append([_tasks(router, alias), alias, _id(router, alias), behind, _health(health.get(alias))])
    return rows


def _id(router: Router, alias: str) -> str:
    return str(router.models[alias].model_name)


def _health(state: dict[str, Any] | None) -> str:
    if state is None:
        return "unknown"
    if state["skipped"]:
        return f"skipped for {state['retry_in']:.0f} s"
    return f"{state['failures']} failed in a row" if state["failures"] else "well"


def router_text(router: Router) -> str:
    """Return a router as text: a table with a line for each model."""
    return f"NovastackRouter: {router.policy_name} decides\n{table_text(_HEAD, _rows(router))}"


def router_html(router: Router) -> str:
    """Return a router as a picture of the flow, and the table below it."""
    return f"<div>{_svg(router)}{table_html(_HEAD, _rows(router), 'NovastackRouter')}</div>"


def _svg(router: Router) -> str:
    aliases = list(router.models)
    height = _ROW * len(aliases) + _TOP
    middle = _TOP + (height - _TOP - _ROW + _BOX) / 2
    health = router.health()
    parts = [_box(_POLICY, middle, router.policy_name, "decides")]
    for at, alias in enumerate(aliases):
        here = _middle(at)
        parts.append(_box(_MODEL, here, f"{alias}: {_health(health.get(alias))}", _id(router, alias)))
        parts.append(_route(middle, here, _tasks(router, alias)))
        parts += [_fallback(here, _middle(aliases.index(other))) for other in router.branches[alias].aliases[1:2]]
    style = "max-width:100%;height:auto;color:inherit;font-family:inherit;font-size:13px"
    label = escape(f"{router.policy_name} chooses among {', '.join(aliases)}", quote=True)
    return (
        f"<svg role='img' aria-label='{label}' viewBox='0 0 {_SVG_WIDTH} {height}' width='{_SVG_WIDTH}' "
        f"height='{height}' style='{style}' fill='currentColor' stroke='none'>{''.join(parts)}</svg>"
    )


def _middle(at: int) -> float:
    return _TOP + _ROW * at + _BOX / 2


def _box(place: tuple[int, int], middle: float, title: str, below: str) -> str:
    left, width = place
    fits = width // 8
    return (
        f"<rect x='{left}' y='{middle - _BOX / 2}' width='{width}' height='{_BOX}' rx='6' fill='none' "
        "stroke='currentColor' stroke-opacity='.6'/>"
        f"<text x='{left + 10}' y='{middle - 4}' font-weight='bold'>{escape(cut(title, fits))}</text>"
        f"<text x='{left + 10}' y='{middle + 14}' opacity='.75'>{escape(cut(below, fits))}</text>"
    )


def _route(start: float, end: float, tasks: str) -> str:
    """Draw the way from the policy to a model, with the tasks it takes."""
    left, right = sum(_POLICY), _MODEL[0]
    bend = left + 40
    return (
        f"<path d='M{left} {start} C{bend} {start} {bend} {end} {bend + 40} {end} L{right - 7} {end}' fill='none' "
        "stroke='currentColor' stroke-opacity='.6'/>"
        f"<path d='M{right - 8} {end - 4} L{right} {end} L{right - 8} {end + 4} Z' opacity='.6'/>"
        f"<text x='{right - 14}' y='{end - 6}' text-anchor='end'>{escape(cut(tasks, 18))}</text>"
    )


def _fallback(start: float, end: float) -> str:
    """Draw the way from a model to the one that stands in first, dashed."""
    edge = sum(_MODEL)
    start, end = start + 6, end + (10 if end < start else -10)
    out = edge + 20 + abs(end - start) / 3
    return (
        f"<path d='M{edge} {start} C{out} {start} {out} {end} {edge + 7} {end}' fill='none' stroke='currentColor' "
        "stroke-opacity='.6' stroke-dasharray='4 3'/>"
        f"<path d='M{edge + 8} {end - 4} L{edge} {end} L{edge + 8} {end + 4} Z' opacity='.6'>"
        "<title>stands in when the other fails</title></path>"
    )


def draw(router: Router) -> Graph:
    """Return a router as a graph: input, policy, models, and who stands behind whom."""
    graph = Graph()
    taken = set(router.models)
    start, policy, end = (_node(graph, _free(name, taken)) for name in ("input", router.policy_name, "answer"))
    graph.add_edge(start, policy)
    nodes = {alias: _node(graph, alias) for alias in router.models}
    for alias, node in nodes.items():
        graph.add_edge(policy, node, data=_tasks(router, alias) or None, conditional=True)
        graph.add_edge(node, end)
        for other in router.branches[alias].aliases[1:2]:
            graph.add_edge(node, nodes[other], data="fails", conditional=True)
    return graph


def _free(name: str, taken: set[str]) -> str:
    """Return a node's name that no model and no other node has."""
    while name in taken:
        name = f"{name} "
    taken.add(name)
    return name


def _node(graph: Graph, name: str) -> Node:
    data: RunnablePassthrough[Any] = RunnablePassthrough()
    data.name = name
    return graph.add_node(data, id=name)
