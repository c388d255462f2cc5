"""What is set, bound or given on a router or a model holds: in copies, in decisions, in comparisons, in the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from helpers.ways import routing
from langchain_core.messages import HumanMessage
from langchain_core.runnables import ConfigurableField, RunnableWithFallbacks
from langchain_core.tracers.context import collect_runs

from langchain_novastack import ChatNovastack, NovastackRouter, RouteDecision
from langchain_novastack.cards import CLAUDE, QWEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask, Build

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]
    Model = Callable[..., ChatNovastack]

PIXEL = "data:image/png;base64,iVBORw0KGgo="
IMAGE = [HumanMessage([{"type": "image_url", "image_url": {"url": PIXEL}}, {"type": "text", "text": "What is it?"}])]


def tool(name: str) -> dict[str, Any]:
    """Return a tool without arguments, as the wire has it."""
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}


# ---- bound


async def test_tools_bound_later_replace_the_earlier_ones(build: Build, box: Sandbox, ask: Ask) -> None:
    """With what came with them; other bound arguments stay."""
    bound = build().bind_tools([tool("a")], tool_choice="a", parallel_tool_calls=False).bind(stop=["x"])
    await ask(bound.bind_tools([tool("b")]), "Hello")
    body = box.requests[-1].body
    assert [each["function"]["name"] for each in body["tools"]] == ["b"]
    assert body["stop"] == ["x"]
    assert not {"tool_choice", "parallel_tool_calls"} & body.keys()
    await ask(bound.bind_tools([]), "Hello")
    assert "tools" not in box.requests[-1].body


async def test_what_is_bound_holds_for_decisions_and_comparisons(make: Make, box: Sandbox) -> None:
    bound = make().bind(model="claude", temperature=0.25, fallback=False)
    assert (bound.route("Debug this.").model, (await bound.aroute("Debug this.")).model) == ("claude", "claude")
    assert bound.route("Debug this.", model="qwen").model == "qwen"
    for compared in (bound.compare("Hello", ["qwen", "deepseek"]), await bound.acompare("Hello", ["qwen", "deepseek"])):
        assert [answer.model for answer in compared] == ["qwen", "deepseek"]
    assert [request.body["temperature"] for request in box.requests] == [0.25] * 4


async def test_config_is_kept_where_tools_are_bound_later(make: Make, ask: Ask) -> None:
    """An agent binds tools to whatever it is given: a model named by config must stay named."""
    named = make().with_config(configurable={"novastack_model": "claude"}, tags=["mine"])
    with collect_runs() as runs:
        assert routing(await ask(named.bind_tools([tool("a")]), "Hello"))["model"] == "claude"
    assert "mine" in (runs.traced_runs[0].tags or [])
    assert named.route("Debug this.").model == "claude"


# ---- set later


def test_a_setting_that_is_assigned_holds(make: Make, box: Sandbox) -> None:
    router = make()
    router.default, router.temperature = "Claude-Opus-4.7", 0.1
    assert router.default == "claude"
    assert routing(router.invoke("zxcv"))["model"] == "claude"
    router.policy = lambda _: "qwen"
    assert routing(router.invoke("zxcv"))["model"] == "qwen"
    assert box.requests[-1].body["temperature"] == 0.1
    with pytest.raises(ValueError, match="default"):
        router.default = "nobody"
    assert (router.default, routing(router.invoke("zxcv"))["model"]) == ("claude", "qwen")


ASSIGNED = {"deadline": -3, "skip_after": 0, "skip_for": -1, "hedge_after": 0, "max_wait": "x", "max_answer_bytes": 0}


@pytest.mark.parametrize(("name", "value"), ASSIGNED.items(), ids=list(ASSIGNED))
def test_a_bad_value_that_is_assigned_is_refused_by_name(router: NovastackRouter, name: str, value: Any) -> None:
    before = getattr(router, name)
    with pytest.raises(ValueError, match=f"^`{name}` must be .*, got {value!r}"):
        setattr(router, name, value)
    assert getattr(router, name) == before


def test_an_unknown_field_that_is_to_be_configurable_is_answered_with_those_there_are(router: NovastackRouter) -> None:
    with pytest.raises(ValueError, match=r"^`temprature` must be a field of a router \(.*temperature.*\)"):
        router.configurable_fields(temprature=ConfigurableField(id="t"))


async def test_a_model_that_is_named_anew_is_sent_by_its_id(model: Model, box: Sandbox, ask: Ask) -> None:
    assigned = model("qwen")
    assigned.model_name = "claude"
    await ask(assigned, "Hello")
    await ask(model("qwen").model_copy(update={"model": "claude"}), "Hello")
    assert [request.body["model"] for request in box.requests] == [CLAUDE.id] * 2


def test_a_profile_follows_the_model(make: Make, model: Model) -> None:
    copied: Any = model("qwen").model_copy(update={"model": "claude"})
    assert copied.profile == CLAUDE.profile
    fields = model("qwen").configurable_fields(model_name=ConfigurableField(id="m"))
    configured, _ = fields._prepare({"configurable": {"m": "claude"}})  # type: ignore[attr-defined]  # noqa: SLF001 - what agents do
    assert configured.profile == CLAUDE.profile
    router = NovastackRouter(models={"c": configured}, default="c")
    assert router.route(IMAGE).model == "c"
    other: Any = router.model_copy(update={"models": {"q": model("qwen")}, "default": "q"})
    assert other.profile["image_inputs"] is QWEN.profile["image_inputs"]
    given = make(profile={"max_input_tokens": 7})
    assert given.model_copy(update={"temperature": 0.1}).profile == {"max_input_tokens": 7}


class Careful(NovastackRouter):
    """A router with defaults of its own."""

    top_p: float | None = 0.3
    max_retries: int | None = 0


def test_defaults_of_a_subclass_reach_the_models(box: Sandbox) -> None:
    models = Careful(base_url=box.base_url, api_key=box.api_key).models
    assert {(each.top_p, each.max_retries) for each in models.values()} == {(0.3, 0)}


# ---- fallbacks


def test_qwen_stands_behind_the_others_whatever_the_default(make: Make, model: Model) -> None:
    lines = {alias: branch.aliases for alias, branch in make(default="claude").branches.items()}
    assert lines == {"qwen": ("qwen",), "deepseek": ("deepseek", "qwen"), "claude": ("claude", "qwen")}
    without = NovastackRouter(models={"a": model("claude"), "b": model("deepseek")}, default="b")
    assert without.branches["a"].aliases == ("a", "b")


# ---- traced


async def test_a_comparison_is_one_run(make: Make) -> None:
    for way in ("compare", "acompare"):
        name = uuid4()
        with collect_runs() as runs:
            compared = getattr(make(), way)("Hello", config={"run_id": name})
            assert len(compared if way == "compare" else await compared) == 3
        (root,) = runs.traced_runs
        assert (root.id, root.name, len(root.child_runs)) == (name, "compare", 3)


async def test_a_run_id_is_that_of_the_first_conversation(make: Make) -> None:
    name = uuid4()
    talks = [[HumanMessage("Hello")], [HumanMessage("Bye")]]
    for result in ("generate", "agenerate"):
        with collect_runs() as runs:
            made = getattr(make(), result)(talks, run_id=name)
            made = made if result == "generate" else await made
        assert [run.id for run in runs.traced_runs].count(name) == 1
        assert len(runs.traced_runs) == 2
        assert made.llm_output["token_usage"].keys() == {"prompt_tokens", "completion_tokens", "total_tokens"}


def test_several_answers_are_not_lost(make: Make, box: Sandbox) -> None:
    with pytest.raises(ValueError, match="`n` must be 1"):
        make().generate([[HumanMessage("Hello")]], n=2)
    assert box.requests == []
    assert len(make().models["qwen"].generate([[HumanMessage("Hello")]], n=2).generations[0]) == 2


async def test_the_trace_says_what_was_sent(model: Model, ask: Ask) -> None:
    with collect_runs() as runs:
        await ask(model("qwen"), "Hello", model="claude")
    (run,) = runs.traced_runs
    metadata = (run.extra or {})["metadata"]
    assert metadata["ls_model_name"] == CLAUDE.id
    sent = (run.extra or {})["invocation_params"]
    assert sent["model"] == CLAUDE.id
    assert "temperature" not in sent
    assert "ls_temperature" not in metadata


async def test_a_decision_is_signed_by_who_made_it(make: Make, ask: Ask) -> None:
    def mine(_: Any) -> RouteDecision:
        return RouteDecision(model="deepseek", reason="Because.")

    assert routing(await ask(make(policy=mine), "Hello"))["policy"] == "mine"


FIELD = ConfigurableField(id="a field")
WRAPPED: dict[str, Callable[[Any, Any], Any]] = {
    "configurable fields": lambda one, two: one.configurable_fields(temperature=FIELD).with_fallbacks([two]),
    "alternatives": lambda one, two: one.configurable_alternatives(FIELD, other=two).with_fallbacks([two]),
    "core's own fallbacks": lambda one, two: RunnableWithFallbacks(runnable=one, fallbacks=[two]),
}
"""Wrappers of core's, whose `__getattr__` reads the type hints of what binds, by what they wrap a model for."""


@pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
async def test_tools_and_schemas_are_bound_behind_cores_wrappers(
    build: Build, box: Sandbox, ask: Ask, wrap: Callable[[Any, Any], Any]
) -> None:
    wrapped = wrap(build(), build())
    await ask(wrapped.bind_tools([tool("a")]), "Hello")
    assert [each["function"]["name"] for each in box.requests[-1].body["tools"]] == ["a"]
    await ask(wrapped.with_structured_output({"title": "A", "type": "object", "properties": {}}), "Hello")
    assert box.requests[-1].body["response_format"]["type"] == "json_schema"
