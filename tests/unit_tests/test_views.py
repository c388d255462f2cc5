"""What people look at: escaped, in the page's own colours, and at most 80 columns wide as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.messages import AIMessage

from langchain_novastack import (
    AllModelsFailedError,
    EmbeddingPolicy,
    KeywordPolicy,
    NovastackRouter,
    RouteDecision,
    RoutedResponse,
    Task,
)
from langchain_novastack.costs import track_costs
from langchain_novastack.display.tables import table_text
from langchain_novastack.evaluation import evaluate
from langchain_novastack.tasks import DEFAULT_TASKS
from langchain_novastack.views import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.messages import BaseMessage

    from langchain_novastack.sandbox import Sandbox

EVIL = "<script>alert('x')</script> & \"quotes\""
LONG = "a very long piece of text that goes on and on " * 8


class Balanced(HTMLParser):
    """Notes what is open; a mismatch fails."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name.startswith("on") for name, _ in attrs)
        self.seen.add(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def named(name: str, model: str = "claude") -> Task:
    return Task(name=name, model=model, indicators=("contract",), examples=("Check this contract.",))


class Letters(Embeddings):
    """Embeddings that count letters: enough to be near to something."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"]


@pytest.fixture
def shown(box: Sandbox, make: Callable[..., NovastackRouter]) -> dict[str, Any]:
    """Everything that can be looked at, with the worst texts in it."""
    policy = KeywordPolicy(tasks=(*DEFAULT_TASKS, named(f"legal {EVIL}"), named(LONG.strip(), "deepseek")))
    router = make(policy=policy, skip_after=1, max_retries=0, prices={"qwen": {"input": 1, "output": 2}})
    box.fail("deepseek", status=503)
    box.answer("*", f"{EVIL}\n{LONG}", times=None)
    with track_costs() as costs:
        comparison = router.compare(EVIL)
        message = router.invoke(f"Debug this function. {EVIL}", {"metadata": {"x": EVIL}})
    rows = [{"text": f"{EVIL} {LONG}", "model": model} for model in ("qwen", "claude")]
    return {
        "router": router,
        "decision": router.route(f"Check this contract: {EVIL} {LONG}"),
        "message": show(message),
        "comparison": comparison,
        "costs": costs,
        "evaluation": evaluate(policy, rows),
        "evaluation by task": evaluate(policy, [{"text": "contract", "model": f"legal {EVIL}"}]),
        "error": show(_failed(router, box)),
    }


def _failed(router: NovastackRouter, box: Sandbox) -> AllModelsFailedError:
    box.clear().fail("*", status=500, message=EVIL)
    router.reset_health()
    with pytest.raises(AllModelsFailedError) as raised:
        router.bind(model="claude").invoke("Hello")
    return raised.value


def test_html_is_escaped_and_well_formed(shown: dict[str, Any]) -> None:
    for name, thing in shown.items():
        html = thing._repr_html_()
        page = Balanced()
        page.feed(html)
        page.close()
        assert page.open == [], name
        assert not {"script", "style", "link", "img", "iframe"} & page.seen, name
        assert "http" not in re.sub(r"HTTP \d+", "", html), name


def test_html_has_no_colours_of_its_own(shown: dict[str, Any]) -> None:
    """It reads well on light and dark pages only if it takes theirs."""
    for name, thing in shown.items():
        html = thing._repr_html_()
        assert not re.search(r"#[0-9a-f]{3}|rgb|hsl|background|fill='(?!none|currentColor)", html), name


def test_text_fits_into_80_columns(shown: dict[str, Any]) -> None:
    for name, thing in shown.items():
        lines = str(thing).splitlines()
        assert len(lines) > 1, name
        assert max(map(len, lines)) <= 80, name


class Printer:
    """What IPython hands to `_repr_pretty_`."""

    said = ""

    def text(self, said: str) -> None:
        self.said += said


def test_ipython_shows_the_text_where_it_cannot_show_html(shown: dict[str, Any]) -> None:
    for name, thing in shown.items():
        if hasattr(thing, "_repr_pretty_"):
            printer = Printer()
            thing._repr_pretty_(printer, cycle=False)
            assert printer.said == str(thing), name
        else:
            assert repr(thing) == str(thing), name


def test_no_key_is_shown(shown: dict[str, Any], box: Sandbox) -> None:
    for thing in shown.values():
        assert box.api_key not in f"{thing}{thing!r}{thing._repr_html_()}"


def test_a_router_shows_each_model_its_tasks_and_its_health(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    router = make(skip_after=1)
    lines = {line.split()[1]: line for line in str(router).splitlines()[2:]}
    assert all(line.rstrip().endswith("healthy") for line in lines.values())
    assert lines["deepseek"].split()[:4] == ["code", "deepseek", "DeepSeek-V4-Pro", "qwen"]
    box.fail("deepseek", status=503)
    router.invoke("Debug this function.")
    assert re.search(r"deepseek .* skipped for \d+ s", str(router))
    html = router._repr_html_()
    assert html.count("<rect") == 4
    assert html.count("stroke-dasharray") == 2
    assert "deepseek: skipped for" in html


def test_a_decision_says_why_and_why_not_the_others(router: NovastackRouter) -> None:
    text = str(router.route("Write a poem about refactoring."))
    assert text.splitlines()[0] == "This goes to claude"
    assert re.search(r"^why +It looks like creative: ", text, re.MULTILINE)
    assert re.search(r"^not deepseek +code: ", text, re.MULTILINE)
    assert re.search(r"^not qwen +general is for what no other task claims$", text, re.MULTILINE)
    assert "not deepseek" in router.route("Write a poem.")._repr_html_()


def test_runner_up_scores_are_data() -> None:
    """Best first, with what each needed; kept in JSON, and hashable like the decision always was."""
    decision = KeywordPolicy(thresholds={"creative": 3.5})("Debug my story generator.")
    assert [entry.task for entry in decision.weighed][-1] == "general"
    assert {entry.task: entry.needed for entry in decision.weighed} == {"code": 2.0, "creative": 3.5, "general": None}
    scores = [entry.score for entry in decision.weighed]
    assert scores == sorted(scores, reverse=True)
    assert decision.weighed[0].model == decision.model
    assert RouteDecision.model_validate_json(decision.model_dump_json()) == decision
    assert hash(decision)


def test_embedding_policies_show_similarities() -> None:
    policy = EmbeddingPolicy(Letters(), threshold=0.25)
    assert policy.decide([]).weighed == ()
    weighed = policy("Write a haiku about snow.").weighed
    assert {entry.task for entry in weighed} == {"code", "creative", "general"}
    assert all(0 <= entry.score <= 1 and entry.needed == 0.25 for entry in weighed)


def test_follow_ups_and_named_models_show_too(router: NovastackRouter) -> None:
    messages = [("user", "Write a poem."), ("ai", "Rain."), ("user", "shorter")]
    assert "It goes on with what was said before" in " ".join(str(router.route(messages)).split())
    assert "The caller named qwen." in str(router.route("Write a poem.", model="qwen"))


def test_a_message_shows_its_record(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    box.fail("claude", status=429)
    message = make(prices={"qwen": {"input": 1, "output": 2}}).invoke("Write a poem.")
    text = str(show(message))
    assert text.splitlines()[0] == "qwen answered"
    assert re.search(r"^attempt 1 +claude: NovastackRateLimitError", text, re.MULTILINE)
    assert re.search(r"^attempt 2 +qwen: answered", text, re.MULTILINE)
    assert re.search(r"^cost +0\.\d{6} USD \(estimate\)$", text, re.MULTILINE)
    assert repr(show(message)) == text
    assert str(show(message.response_metadata["routing"])).splitlines()[0] == "qwen answered"


def test_an_error_shows_its_record(box: Sandbox, make: Callable[..., NovastackRouter]) -> None:
    text = str(show(_failed(make(max_retries=0), box)))
    assert text.splitlines()[0] == "No model answered"
    assert "attempt 2" in text


def test_what_carries_no_record_is_a_value_error() -> None:
    for thing in (AIMessage("hi"), ValueError("x"), {"model": "qwen"}, None):
        with pytest.raises(ValueError, match="`routed` must carry a routing record"):
            show(thing)


def test_a_comparison_shows_every_answer_in_full(box: Sandbox, router: NovastackRouter) -> None:
    box.answer("claude", LONG).fail("qwen", status=401)
    text = str(router.compare("Hello"))
    assert " ".join(LONG.split()) in " ".join(text.split())
    assert "401" in text


def test_an_evaluation_with_many_labels_is_still_readable() -> None:
    def given(messages: list[BaseMessage]) -> str:
        return str(messages[-1].text)

    labels = [f"department-{number}" for number in range(9)]
    rows = [{"text": labels[(at + 1) % 9 if at % 3 == 0 else at % 9], "model": labels[at % 9]} for at in range(27)]
    lines = str(evaluate(given, rows)).splitlines()
    assert max(map(len, lines)) <= 80
    row = next(line for line in lines if line.startswith("department-0"))
    assert "department-1 3" in row


def test_tables_cut_the_widest_columns_first() -> None:
    text = table_text(("a", "b", "c"), [("short", "x" * 100, "y" * 60), ("s", "x", "y")], 40)
    head, first, second = text.splitlines()
    assert max(map(len, (head, first, second))) <= 40
    assert first.startswith("short  xxx")
    assert first.count("…") == 2


@pytest.mark.parametrize("alias", ["policy", "input", "answer", "KeywordPolicy", "my <model>"])
def test_the_graph_draws_branches_whatever_they_are_called(router: NovastackRouter, alias: str) -> None:
    models = {"qwen": router.models["qwen"], alias: router.models["claude"]}
    graph = NovastackRouter(models=models).get_graph()
    assert len(graph.nodes) == 5
    assert "fails" in graph.draw_mermaid()


def test_the_graph_has_policy_tasks_and_fallbacks(router: NovastackRouter) -> None:
    drawn = router.get_graph().draw_mermaid()
    for part in ("input", "KeywordPolicy", "qwen", "deepseek", "claude", "answer", "code", "creative"):
        assert part in drawn
    assert drawn.count("fails") == 2
    chain = (router | RoutedResponse.from_message).get_graph().draw_mermaid()
    assert "from_message" in chain
    assert "claude" in chain
