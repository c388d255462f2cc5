"""Decision models of langchain-core 1.8: as policies, and made of policies for LangChain's own routing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from helpers.ways import routing
from langchain.agents import create_agent
from langchain.agents.middleware.model_router import ModelChoice, ModelRouterMiddleware
from langchain_core.decisions import BaseDecisionModel, Choice, ChoiceAnswer, ClassifierResponse, Noul
from langchain_core.messages import AIMessage, HumanMessage

from langchain_novastack import KeywordPolicy, NovastackRouter, Task
from langchain_novastack.tasks import DEFAULT_TASKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpers.ways import Ask

    from langchain_novastack.sandbox import Sandbox

    Make = Callable[..., NovastackRouter]

PROMPTS = {
    "Debug this function.": "deepseek",
    "Write a poem about rain.": "claude",
    "What is the capital of France?": "qwen",
    "写一首关于雨的诗": "claude",
}


class Scripted(BaseDecisionModel):
    """Answers always the same, and keeps what it was asked."""

    model: str = "scripted"
    choice: str = "creative"
    asked: list[Any] = []  # noqa: RUF012 - pydantic copies it

    @property
    def _provider(self) -> str:
        return "tests"

    def _classify(self, state: Any, questions: dict[str, Any]) -> ClassifierResponse:
        self.asked.append((state, questions))
        shares = {"code": 0.3, "creative": 0.9, "general": 0.3}
        answer = ChoiceAnswer(type="choice", choice=self.choice, probabilities=shares, confidence=0.8)
        return ClassifierResponse(model="m", answers=dict.fromkeys(questions, answer))


async def test_a_decision_model_is_a_policy(make: Make, ask: Ask) -> None:
    model = Scripted()
    router = make(policy=model)
    record = routing(await ask(router, "Hello there."))
    assert (record["task"], record["model"], record["confidence"]) == ("creative", "claude", 0.8)
    assert record["policy"] == "Scripted"
    decision = router.route("Hello there.")
    assert decision.probabilities == pytest.approx({"code": 0.2, "creative": 0.6, "general": 0.2})
    (state, questions), *_ = model.asked
    assert [message.content for message in state] == ["Hello there."]
    (question,) = questions.values()
    assert question.criteria == {task.name: task.description for task in DEFAULT_TASKS}


async def test_it_is_asked_once_for_each_turn_of_the_user(make: Make, box: Sandbox) -> None:
    model = Scripted()
    agent = create_agent(make(policy=model), [look_up])
    call = {"name": "look_up", "args": {"word": "rain"}}
    box.answer("claude", tool_calls=[call]).answer("claude", tool_calls=[call]).answer("claude", "Done.")
    given: Any = {"messages": [("user", "Look up rain.")]}
    agent.invoke(given)
    assert len(box.requests) == 3
    assert len(model.asked) == 1


def look_up(word: str) -> str:
    """Look up a word."""
    return word


def test_it_knows_the_tasks_of_the_policy_before_it() -> None:
    legal = Task(name="legal", model="claude", description="Contracts and liability.", settings={"temperature": 0})
    model = Scripted(choice="legal")
    policy = KeywordPolicy(tasks=(*DEFAULT_TASKS, legal)).or_else(model, below=1.0)
    decision = policy("What is a tort?")
    (_, questions), *_ = model.asked
    assert questions["task"].criteria["legal"] == "Contracts and liability."
    assert (decision.model, decision.settings) == ("claude", {"temperature": 0})


async def test_an_answer_that_is_none_of_the_options_is_an_error(make: Make, ask: Ask) -> None:
    with pytest.raises(ValueError, match="must name a task or a model"):
        await ask(make(policy=Scripted(choice="weather")), "Hello.")


# ---- made of a policy


def chosen(criteria: dict[str, Any], text: Any = "Debug this function.") -> ChoiceAnswer:
    question = Choice(instructions="Which one?", criteria=criteria)
    response = KeywordPolicy().as_decision_model().invoke({"state": text, "questions": {"route": question}})
    return response.choices["route"]


@pytest.mark.parametrize(
    "criteria",
    [
        {"deepseek": None, "claude": None, "qwen": None},
        {"DeepSeek-V4-Pro": "x", "Claude-Opus-4.7": "y", "qwen/Qwen3-235B-A22B": "z"},
        {"code": None, "creative": None, "general": None},
        {"coder": "Coding, debugging and refactoring", "writer": "Poems and stories", "other": "Everything else"},
        {"a": {"model": "deepseek"}, "b": ["claude"], "c": "Qwen answers this"},
        {"a": "Writing, debugging or reviewing code", "b": "Fiction, lyrics, jokes", "c": "Summaries, translation"},
        {"a": "Complex programming problems", "b": "Fiction", "c": "Anything else"},
        {"coding": None, "poetry": None, "rest": None},
    ],
)
def test_options_are_known_by_label_or_criterion(criteria: dict[str, Any]) -> None:
    labels = dict(zip(("deepseek", "claude", "qwen"), criteria, strict=True))
    for prompt, model in PROMPTS.items():
        answer = chosen(criteria, HumanMessage(prompt))
        assert answer.choice == labels[model], prompt
        assert set(answer.probabilities) == set(criteria)
        assert sum(answer.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("criteria", "complaint"),
    [
        ({"billing": "Payment issues", "technical": "Product bugs", "sales": "Pricing"}, "got 'billing'"),
        ({"code": None, "refund": "Asks about a refund"}, "got 'refund'"),
        ({"fast": "Simple, well-scoped tasks.", "powerful": "Complex tasks."}, "got 'fast'"),
        ({"code": None, "deepseek": None}, "one option for each task"),
    ],
)
def test_other_options_are_refused(criteria: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        chosen(criteria)


def test_a_task_that_has_the_name_is_meant() -> None:
    coding = Task(name="coding", model="claude", indicators=("borrow checker",))
    model = KeywordPolicy(tasks=(coding, *DEFAULT_TASKS)).as_decision_model()
    question = Choice(instructions="Which one?", criteria={"coding": None, "code": None, "general": None})
    answer = model.invoke({"state": "Why does the borrow checker complain?", "questions": {"route": question}})
    assert answer.choices["route"].choice == "coding"


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_policy_that_names_only_a_model_gives_probabilities_too(*, asynchronous: bool) -> None:
    model = KeywordPolicy().or_else(lambda _: "claude", below=1.0).as_decision_model()
    question = Choice(instructions="Which one?", criteria={"code": None, "creative": None, "general": None})
    given: Any = {"state": "Hello", "questions": {"route": question}}
    answer = (await model.ainvoke(given) if asynchronous else model.invoke(given)).choices["route"]
    assert answer.choice == "creative"
    assert answer.probabilities == {"code": 0.0, "creative": 1.0, "general": 0.0}


def test_other_questions_are_refused() -> None:
    model = KeywordPolicy().as_decision_model()
    with pytest.raises(ValueError, match="`urgent` must be a `Choice` question, got Noul"):
        model.invoke({"state": "Help!", "questions": {"urgent": Noul(instructions="Is it urgent?")}})


def test_what_is_not_offered_goes_to_the_default() -> None:
    assert chosen({"claude": None, "qwen": None}).choice == "qwen"


@pytest.mark.parametrize(
    "state",
    [
        "Debug this function.",
        [HumanMessage("Hello"), AIMessage("Hi!"), HumanMessage("Debug this function.")],
        {"messages": [HumanMessage("Debug this function.")]},
        {"ticket": "Debug this function."},
    ],
)
def test_states_of_every_shape(state: Any) -> None:
    assert chosen({"deepseek": None, "claude": None, "qwen": None}, state).choice == "deepseek"


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_langchains_middleware_asks_the_model_that_the_router_would(
    box: Sandbox, make: Make, *, asynchronous: bool
) -> None:
    router = make()
    choices = {alias: ModelChoice(model=model, criteria=alias) for alias, model in router.models.items()}
    classifier = KeywordPolicy().as_decision_model()
    middleware = ModelRouterMiddleware(choices=choices, instructions="Which model?", classifier=classifier)
    agent = create_agent(router.models["qwen"], middleware=[middleware])
    for prompt, model in PROMPTS.items():
        given: Any = {"messages": [("user", prompt)]}
        _ = await agent.ainvoke(given) if asynchronous else agent.invoke(given)
        assert box.requests[-1].model == router.route(prompt).model == model
