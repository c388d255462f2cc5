"""The flow through a router: what decides, which model answers what, what it falls back to; text, HTML and graph."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.runnables import RunnablePassthrough
from langchain_core.runnables.graph import Graph

from langchain_novastack.display.tables import cut, table_html, table_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from langchain_core.runnables.graph import Node
    from langchain_openai import ChatOpenAI

    from langchain_novastack.fallbacks.runnable import NovastackFallbacks


class Drawable(Protocol):
    """What a picture needs of a router."""

    @property
    def models(self) -> Mapping[str, ChatOpenAI]:
        """The models by alias."""

    @property
    def branches(self) -> Mapping[str, NovastackFallbacks[Any, Any]]:
        """The branches by alias."""

    @property
    def tasks(self) -> Mapping[str, str]:
        """Alias of the model for each task."""

    @property
    def policy_name(self) -> str:
        """Name of what decides."""

    def health(self) -> Mapping[str, Mapping[str, Any]]:
        """Return each model's health by alias."""


_HEAD = ("task", "model", "id", "falls back to", "health")

_ROW, _TOP = 64, 8
"""Pixels from one model's box to the next, and above the first."""

_POLICY, _MODEL = (8, 168), (400, 240)
"""Left edge and width of the boxes, in pixels."""

_BOX = 48
_SVG_WIDTH = 720


def _tasks(router: Drawable, alias: str) -> str:
    return ", ".join(name for name, model in router.tasks.items() if model == alias)


def _rows(router: Drawable) -> list[tuple[str, str, str, str, str]]:
    """Return a row for each model, as `_HEAD` names it."""
    health = router.health()
    return [
        (
            _tasks(router, alias),
            alias,
            str(router.models[alias].model_name),
            ", ".join(branch.aliases[1:]),
            _health(health.get(alias)),
        )
        for alias, branch in router.branches.items()
    ]


def _health(state: Mapping[str, Any] | None) -> str:
    if state is None:
        return "unknown"
    if state["skipped"]:
        return f"skipped for {state['retry_in']:.0f} s"
    return f"{state['failures']} failed in a row" if state["failures"] else "healthy"


def router_text(router: Drawable) -> str:
    """Return a router as text: a table with a line for each model."""
    return f"NovastackRouter: {router.policy_name} decides\n{table_text(_HEAD, _rows(router))}"


def router_html(router: Drawable) -> str:
    """Return a router as a picture of the flow, and the table below it."""
    return f"<div>{_svg(router)}{table_html(_HEAD, _rows(router), 'NovastackRouter')}</div>"


def _svg(router: Drawable) -> str:
    places = {alias: _TOP + _ROW * at + _BOX / 2 for at, alias in enumerate(router.models)}
    height = _ROW * len(places) + _TOP
    middle = _TOP + (height - _TOP - _ROW + _BOX) / 2
    parts = [_box(_POLICY, middle, router.policy_name, "decides")]
    for tasks, alias, name, _, health in _rows(router):
        parts.append(_box(_MODEL, places[alias], f"{alias}: {health}", name))
        parts.append(_route(middle, places[alias], tasks))
        parts += [_fallback(places[alias], places[other]) for other in router.branches[alias].aliases[1:2]]
    style = "max-width:100%;height:auto;color:inherit;font-family:inherit;font-size:13px"
    label = escape(f"{router.policy_name} chooses among {', '.join(places)}", quote=True)
    return (
        f"<svg role='img' aria-label='{label}' viewBox='0 0 {_SVG_WIDTH} {height}' width='{_SVG_WIDTH}' "
        f"height='{height}' style='{style}' fill='currentColor' stroke='none'>{''.join(parts)}</svg>"
    )


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
    """Draw the way from a model to the first one it falls back to, dashed."""
    edge = sum(_MODEL)
    start, end = start + 6, end + (10 if end < start else -10)
    out = edge + 20 + abs(end - start) / 3
    return (
        f"<path d='M{edge} {start} C{out} {start} {out} {end} {edge + 7} {end}' fill='none' stroke='currentColor' "
        "stroke-opacity='.6' stroke-dasharray='4 3'/>"
        f"<path d='M{edge + 8} {end - 4} L{edge} {end} L{edge + 8} {end + 4} Z' opacity='.6'>"
        "<title>asked when the other fails</title></path>"
    )


def draw(router: Drawable) -> Graph:
    """Return a router as a graph: input, policy, models, and what they fall back to."""
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
