"""How good a policy is: measure it on rows with labels, or assert single routes in your own tests."""

from __future__ import annotations

import codecs
import json
import statistics
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from langchain_core.messages import BaseMessage, HumanMessage

from langchain_novastack.cards import CARDS, alias_of, find_card
from langchain_novastack.evaluation.report import Evaluation, Miss
from langchain_novastack.policies.conversation import to_messages
from langchain_novastack.policies.keyword.keyword import KeywordPolicy
from langchain_novastack.policies.policy import ask
from langchain_novastack.progress import decisions
from langchain_novastack.tasks import tasks_of
from langchain_novastack.validation import bad_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from langchain_novastack.policies.coerce import AnyPolicy
    from langchain_novastack.policies.decision import RouteDecision

Case: TypeAlias = tuple[list[BaseMessage], str]  # a conversation, and the task or model it should go to


class Placed(NamedTuple):
    """A row, and where it stands."""

    where: str
    row: Any


def read_lines(files: Sequence[str]) -> Iterator[Placed]:
    """Yield what each line holds; the file "-" is standard input.

    Raises:
        ValueError: If a line is not JSON in UTF-8; it names file and line.
    """
    for file in files:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        for at, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
            if line.strip():  # it ends at a line feed alone, whatever else a text may have in it
                where = f"{file}, line {at}"
                try:
                    yield Placed(where, json.loads(line.decode()))
                except (ValueError, RecursionError) as error:
                    raise bad_argument(where, f"be JSON: {error}") from error


def placed(rows: object, name: str = "rows") -> list[Placed]:
    """Return rows with their places, which errors name; a `ValueError` if they are not a list of at least one row."""
    if not isinstance(rows, Iterable):
        raise bad_argument(name, "be a list of mappings", type(rows).__name__)
    if found := [row if isinstance(row, Placed) else Placed(f"{name}[{at}]", row) for at, row in enumerate(rows)]:
        return found
    raise bad_argument(name, "hold at least one row")


def conversation(where: str, row: Any, must: str, *keys: str) -> list[BaseMessage]:
    """Return the conversation of a row; a `ValueError` says what it `must` have beside it, or lacks of the keys."""
    if not isinstance(row, Mapping):
        raise bad_argument(where, "be a mapping", type(row).__name__)
    if {"text", "messages"}.isdisjoint(row) or not row.keys() >= {*keys}:
        raise bad_argument(where, f"have 'text' or 'messages'{must}", ", ".join(map(repr, row)))
    try:
        return [HumanMessage(row["text"])] if "text" in row else to_messages(row["messages"])
    except ValueError as error:
        must = "have a string as 'text', or what a chat model takes as 'messages'"
        raise bad_argument(where, must) from error


def cases_of(policy: AnyPolicy, rows: object, label: str = "model", names: object = None) -> list[Case]:
    """Return the conversation of each row, and the task or model it should go to; see `evaluate`."""
    if isinstance(policy, type) or not (callable(policy) or hasattr(policy, "invoke")):
        raise bad_argument("policy", "be a policy or a router", type(policy).__name__)
    if not isinstance(names, Mapping | None):
        raise bad_argument("names", "be a mapping", type(names).__name__)
    tasks = {task.name: task.model for task in tasks_of(policy)}
    known = dict.fromkeys([*tasks, *CARDS, *tasks.values(), *getattr(policy, "models", ())])
    closed = hasattr(getattr(policy, "policy", policy), "tasks")  # a plain function may answer with any name

    def meaning(label: object, where: str) -> str:
        named = isinstance(label, str | int) and label in (names or {})
        meant = names[label] if names and named else label
        wanted = str(meant)
        if isinstance(meant, str | int) and (not closed or named or wanted in known or find_card(wanted)):
            return wanted
        raise bad_argument(where, f"have a task or a model as its label (one of {', '.join(known)})", repr(meant))

    must = f", and {label!r}"
    return [(conversation(*each, must, label), meaning(each.row[label], each.where)) for each in placed(rows)]


def evaluate(
    policy: AnyPolicy, rows: Iterable[Mapping[str, Any]], label: str = "model", names: Mapping[str, str] | None = None
) -> Evaluation:
    """Ask a policy about labelled rows and count.

    Args:
        policy: Any policy, or a router (anything with a `route` method).
        rows: Mappings with `text` (a string) or `messages` (what a chat model takes), and the label.
        label: The key of the label. If all labels are names of the policy's tasks, tasks are compared;
            else the labels are aliases or other names of models, and models are compared.
        names: What the rows' labels mean, as an alias or task, for labels that are neither: `{"coding": "deepseek"}`.
            What they mean may be any name, so that a model of your own can stand here.

    Raises:
        ValueError: If there are no rows, or one lacks text or label; if a label is neither a task nor a model of the
            policy (where the policy has tasks: a plain function may answer with any name); or for a bad policy.
    """
    return measure(policy, cases_of(policy, rows, label, names))


def measure(policy: AnyPolicy, cases: list[Case]) -> Evaluation:
    """Ask a policy about cases and count; see `evaluate`."""
    wanted = [name for _, name in cases]
    by: Literal["task", "model"] = "task" if set(wanted) <= {task.name for task in tasks_of(policy)} else "model"
    decide, times, pairs, misses = decider(policy, wanted), [], [], []
    with decisions() as count:
        for at, (messages, name) in enumerate(cases):
            begun = perf_counter_ns()
            decision = decide(messages)
            times.append((perf_counter_ns() - begun) / 1000)
            expected = name if by == "task" else alias_of(name)
            got = str(decision.task) if by == "task" else decision.model
            pairs.append((expected, got))
            if expected != got:
                text = str(messages[-1].text) if messages else ""
                misses.append(Miss(row=at, text=text, expected=expected, got=got, decision=decision))
            count(decision.model)
    return Evaluation.of(pairs, misses, by, statistics.median(times[1:] or times))  # the first builds what all use


def assert_routes(expected: Mapping[str, str], policy: AnyPolicy | None = None) -> None:
    """Assert where prompts go, for users' own tests.

    Args:
        expected: For each prompt, the alias of the model or the name of the task it should go to.
        policy: Any policy, or a router; None: `KeywordPolicy()`.

    Raises:
        AssertionError: If any prompt goes elsewhere; the message lists them all, with the reasons.
        ValueError: If `expected` is not a mapping of strings, or names neither a task nor a model of the policy.
    """
    if not isinstance(expected, Mapping) or not all(isinstance(prompt, str) for prompt in expected):
        raise bad_argument("expected", "be a mapping from prompts to aliases or tasks", type(expected).__name__)
    policy = KeywordPolicy() if policy is None else policy
    texts = [{"text": text, "model": name} for text, name in expected.items()]
    rows = [Placed(f"expected, prompt {at}", row) for at, row in enumerate(texts)]
    cases = cases_of(policy, rows) if rows else []
    decide, misses = decider(policy, [name for _, name in cases]), []
    for at, (messages, name) in enumerate(cases):
        decision = decide(messages)
        if name != decision.task and alias_of(name) != decision.model:
            got, text = f"{decision.task} ({decision.model})", str(messages[0].text)
            misses.append(Miss(row=at, text=text, expected=name, got=got, decision=decision))
    if misses:
        lines = "\n".join(f"  {miss}: {miss.decision.reason}" for miss in misses)
        message = f"{len(misses)} of {len(expected)} prompts go elsewhere:\n{lines}"
        raise AssertionError(message)


def decider(policy: Any, wanted: Sequence[str] = ()) -> Callable[[list[BaseMessage]], RouteDecision]:
    """Return what decides about a conversation: a router's `route`, or a policy asked as a router would."""
    if hasattr(policy, "route"):
        route: Callable[[list[BaseMessage]], RouteDecision] = policy.route
        return route
    by_name = {task.name: task.model for task in tasks_of(policy)}
    models = [*CARDS, *by_name.values(), *(name for name in wanted if name not in by_name)]
    return lambda messages: ask(policy, messages, tasks=by_name, models=models)
