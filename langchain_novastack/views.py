"""Pictures of decisions, answers and routers, as text and as HTML; no scripts, no fixed colours.

Text fits into 80 columns. HTML is escaped, and takes its colours from the page, so that it reads well in light
and dark notebooks.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnablePassthrough
from langchain_core.runnables.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.messages import BaseMessage

    from langchain_novastack.compare import Comparison
    from langchain_novastack.costs import CostTracker
    from langchain_novastack.decision import RouteDecision
    from langchain_novastack.inspecting import Inspecting

_CELL = "padding:4px 10px;text-align:left;vertical-align:top;border-bottom:1px solid rgba(128,128,128,.35)"
_MAX = 400
"""Characters of an answer that a table shows."""


def table_html(head: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "") -> str:
    """Return a table as HTML; every cell is escaped."""
    title = f"<caption style='text-align:left;font-weight:bold;padding:4px 0'>{escape(caption)}</caption>"
    top = "".join(f"<th style='{_CELL};font-weight:600'>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td style='{_CELL}'>{escape(show(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        "<table style='border-collapse:collapse;color:inherit;background:transparent'>"
        f"{title if caption else ''}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )


def table_text(head: Sequence[str], rows: Sequence[Sequence[Any]], width: int = 80) -> str:
    """Return a table as text; the last column is cut so that lines fit into `width` characters."""
    cells = [[" ".join(show(cell).split()) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in [list(head), *cells]) for at in range(len(head))]
    widths[-1] = max(len(head[-1]), min(widths[-1], width - sum(widths[:-1]) - 2 * (len(head) - 1)))
    lines = [[_cut(cell, size).ljust(size) for cell, size in zip(row, widths, strict=True)] for row in [head, *cells]]
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: max(0, size - 1)] + "…"


def show(value: Any) -> str:
    """Return a value as a cell shows it: nothing for None, short figures, long text cut."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}"
    return _cut(str(value), _MAX)


def _comparison_rows(comparison: Comparison) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for record in comparison.to_records():
        cost = show(record["cost"]) + (" (estimate)" if record["cost_is_estimate"] else "")
        said = record["answer"] if record["error"] is None else record["error"]
        rows.append([record["model"], record["seconds"], (record["usage"] or {}).get("total_tokens"), cost, said])
    return rows


_COMPARISON_HEAD = ("model", "seconds", "tokens", "USD", "answer or error")


def comparison_html(comparison: Comparison) -> str:
    """Return a comparison as a table."""
    return table_html(_COMPARISON_HEAD, _comparison_rows(comparison), "The same prompt to several models")


def comparison_text(comparison: Comparison) -> str:
    """Return a comparison as text."""
    return table_text(_COMPARISON_HEAD, _comparison_rows(comparison))


_COSTS_HEAD = ("model", "answers", "input tokens", "output tokens", "USD", "")


def _costs_rows(costs: CostTracker) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for record in costs.to_records():
        notes = [f"{record[name]} {name}" for name in ("estimated", "unknown") if record[name]]
        dollars = None if record["unknown"] == record["answers"] else record["dollars"]
        figures = [record[name] for name in ("model", "answers", "input_tokens", "output_tokens")]
        rows.append([*figures, dollars, ", ".join(notes)])
    return rows


def costs_html(costs: CostTracker) -> str:
    """Return tracked costs as a table."""
    return table_html(_COSTS_HEAD, _costs_rows(costs), "Cost by model")


def costs_text(costs: CostTracker) -> str:
    """Return tracked costs as text."""
    return table_text(_COSTS_HEAD, _costs_rows(costs))


_ROUTER_HEAD = ("task", "model", "id", "falls back to", "health")


def _router_rows(router: Inspecting) -> list[list[Any]]:
    health = router.health()
    rows: list[list[Any]] = []
    for alias, branch in router.branches.items():
        tasks = ", ".join(name for name, model in router.tasks.items() if model == alias)
        rows.append(
            [tasks, alias, router.models[alias].model_name, ", ".join(branch.aliases[1:]), _health(health[alias])]
        )
    return rows


def _health(state: dict[str, Any]) -> str:
    if state["skipped"]:
        return f"skipped for {state['retry_in']:.0f} s"
    return f"{state['failures']} failures in a row" if state["failures"] else "well"


def router_html(router: Inspecting) -> str:
    """Return a router as a table: who does what, who stands in, who is well."""
    return table_html(_ROUTER_HEAD, _router_rows(router), f"NovastackRouter: {router.policy_name} decides")


def router_text(router: Inspecting) -> str:
    """Return a router as text."""
    return f"NovastackRouter: {router.policy_name} decides\n{table_text(_ROUTER_HEAD, _router_rows(router))}"


def decision_html(decision: RouteDecision) -> str:
    """Return a decision as a table."""
    return table_html(("", ""), _decision_rows(decision), f"{decision.model} answers")


def decision_text(decision: RouteDecision) -> str:
    """Return a decision as text."""
    return f"{decision.model} answers\n{table_text(('', ''), _decision_rows(decision)).strip()}"


def _decision_rows(decision: RouteDecision) -> list[list[Any]]:
    rows: list[list[Any]] = [["why", decision.reason], ["task", decision.task], ["confidence", decision.confidence]]
    rows += [["matched", ", ".join(decision.matched)], ["policy", decision.policy]]
    return [row for row in rows if row[1] not in (None, "")]


def record_html(message: BaseMessage) -> str:
    """Return the routing record of a message as a table; a note if it has none."""
    record = message.response_metadata.get("routing")
    if not record:
        return "<p>No routing record.</p>"
    rows = [[name, _flat(value)] for name, value in record.items() if value not in (None, [], "")]
    return table_html(("", ""), rows, f"{record['model']} answered")


def _flat(value: Any) -> str:
    if not isinstance(value, list):
        return show(value)
    return "; ".join(_attempt(item) if isinstance(item, dict) else str(item) for item in value)


def _attempt(attempt: dict[str, Any]) -> str:
    ended = attempt["error"] or f"HTTP {attempt['status']}"
    return f"{attempt['model']}: {ended} ({attempt['seconds']:.2f} s)"


def draw(router: Inspecting) -> Graph:
    """Return a router as a graph: input, policy, models, and who stands behind whom."""
    graph = Graph()
    start = graph.add_node(_named("input"), id="input")
    policy = graph.add_node(_named(router.policy_name), id="policy")
    end = graph.add_node(_named("answer"), id="answer")
    graph.add_edge(start, policy)
    nodes = {alias: graph.add_node(_named(alias), id=alias) for alias in router.models}
    for alias, node in nodes.items():
        tasks = ", ".join(name for name, model in router.tasks.items() if model == alias)
        graph.add_edge(policy, node, data=tasks or None, conditional=True)
        graph.add_edge(node, end)
        for other in router.branches[alias].aliases[1:2]:
            graph.add_edge(node, nodes[other], data="fails", conditional=True)
    return graph


def _named(name: str) -> RunnablePassthrough[Any]:
    node: RunnablePassthrough[Any] = RunnablePassthrough()
    node.name = name
    return node
