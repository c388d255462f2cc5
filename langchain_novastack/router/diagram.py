"""The flow through a router: what decides, which model answers what, what it falls back to; text, HTML and graph.

A router is `Any` here, since it imports this.
"""

from __future__ import annotations

import json
import pkgutil
from html import escape
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnablePassthrough
from langchain_core.runnables.graph import Graph

from langchain_novastack.display.tables import cut, table_html, table_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = ("task", "model", "id", "falls back to", "health")
_ROW, _TOP, _BOX = 64, 8, 48  # pixels from one model's box to the next, above the first, and the height of one
_SHAPES: dict[str, str] = json.loads(pkgutil.get_data("langchain_novastack", "router/diagram.json") or "")
"""The SVG of the picture, of the boxes, of the way from the policy to a model, and of that to fall back, dashed."""


def _tasks(router: Any, alias: str) -> str:
    return ", ".join(name for name, model in router.tasks.items() if model == alias)


def _rows(router: Any) -> list[tuple[str, str, str, str, str]]:
    """Return a row for each model, as `_HEAD` names it."""
    health = router.health()
    return [
        (_tasks(router, alias), alias, model.model_name, ", ".join(line.aliases[1:]), _health(health.get(alias)))
        for (alias, model), line in zip(router.models.items(), router.branches.values(), strict=True)
    ]


def _health(state: Mapping[str, Any] | None) -> str:
    if state is None:
        return "unknown"
    healthy = f"{state['failures']} failed in a row" if state["failures"] else "healthy"
    return f"skipped for {state['retry_in']:.0f} s" if state["skipped"] else healthy


def router_text(router: Any) -> str:
    """Return a router as text: a table with a line for each model."""
    return f"NovastackRouter: {router.policy_name} decides\n{table_text(_HEAD, _rows(router))}"


def router_html(router: Any) -> str:
    """Return a router as a picture of the flow, and the table below it."""
    return f"<div>{_svg(router)}{table_html(_HEAD, _rows(router), 'NovastackRouter')}</div>"


def _svg(router: Any) -> str:
    places = {alias: _TOP + _ROW * at + _BOX / 2 for at, alias in enumerate(router.models)}
    height = _ROW * len(places) + _TOP
    middle = _TOP + (height - _TOP - _ROW + _BOX) / 2
    parts = [_shape("policy", middle, title=cut(router.policy_name, 21), below="decides")]
    for tasks, alias, name, _, health in _rows(router):
        parts.append(_shape("model", places[alias], title=cut(f"{alias}: {health}", 30), below=cut(name, 30)))
        parts.append(_shape("route", places[alias], start=middle, tasks=cut(tasks, 18)))
        for other in router.branches[alias].aliases[1:2]:
            start, end = places[alias] + 6, places[other] + (10 if places[other] < places[alias] else -10)
            parts.append(_shape("fallback", end, start=start, out=660 + abs(end - start) / 3))
    label = f"{router.policy_name} chooses among {', '.join(places)}"
    return _shape("picture", height, label=label) + "".join(parts) + "</svg>"


def _shape(name: str, at: float, **values: str | float) -> str:
    """Return a shape of which the middle, the tip of the arrow, or the end is `at` so many pixels from the top."""
    texts = {key: escape(value) if isinstance(value, str) else value for key, value in values.items()}
    return _SHAPES[name].format(at=at, **texts)


def graph_of(router: Any, config: object = None) -> Graph:  # noqa: ARG001 - core's signature
    """Return a router as a graph, for `draw_mermaid()` and `draw_ascii()`: input, policy, models and fallbacks."""
    graph = Graph()
    names = list(router.models)
    for name in ("input", router.policy_name, "answer"):
        while name in names:
            name += " "  # noqa: PLW2901 - a name that no other node has
        names.append(name)
    nodes = {name: graph.add_node(RunnablePassthrough[Any](name=name), id=name) for name in names}
    start, policy, end = (nodes[name] for name in names[-3:])
    graph.add_edge(start, policy)
    for alias, line in router.branches.items():
        graph.add_edge(policy, nodes[alias], data=_tasks(router, alias) or None, conditional=True)
        graph.add_edge(nodes[alias], end)
        for other in line.aliases[1:2]:
            graph.add_edge(nodes[alias], nodes[other], data="fails", conditional=True)
    return graph
