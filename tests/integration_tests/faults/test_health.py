"""Health: a model that keeps failing is skipped for a while, then one probe decides."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any

import openai
import pytest
from helpers.ways import Ask, routing, spend_retries

from langchain_novastack import AllModelsFailedError, ChatNovastack, NovastackRouter
from langchain_novastack.sandbox import Sandbox

QUESTION = "Debug this function."
SOON: dict[str, Any] = {"status": 503, "retry_after": 0.2}
"""A failure after which a model may be probed soon."""

SPENT = 6
"""Requests of three calls in which one model failed and another was asked."""

Make = Callable[..., NovastackRouter]


def asked(box: Sandbox, since: int = 0) -> list[str | None]:
    """The models that were asked, the first so many requests left out."""
    return [request.model for request in box.requests[since:]]


async def fail_until_skipped(box: Sandbox, router: NovastackRouter, ask: Ask, **how: Any) -> None:
    """Make DeepSeek fail as often as it takes, which is `SPENT` requests."""
    box.fail("deepseek", times=3, **(how or {"status": 503}))
    for _ in range(3):
        await ask(router, QUESTION)
    assert asked(box) == ["deepseek", "qwen"] * 3


async def test_a_model_is_skipped_after_three_failures(box: Sandbox, make: Make, ask: Ask) -> None:
    """It gets no request, the record says so, and nobody is told that it failed."""
    router = make()
    await fail_until_skipped(box, router, ask)
    record = routing(await ask(router, QUESTION))
    assert asked(box, SPENT) == ["qwen"]
    assert record["skipped"] == ["deepseek"]
    assert (record["model"], record["fallback"]) == ("qwen", True)
    assert [attempt["model"] for attempt in record["attempts"]] == ["qwen"]
    health = router.health()["deepseek"]
    assert (health["failures"], health["skipped"]) == (3, True)
    assert 0 < health["retry_in"] <= 30
    assert router.health()["qwen"] == {"failures": 0, "skipped": False, "retry_in": 0.0}


async def test_two_failures_are_not_enough_and_an_answer_resets(box: Sandbox, make: Make, ask: Ask) -> None:
    """One blip, or one now and then, never opens the breaker."""
    router = make()
    for _ in range(3):
        box.fail("deepseek", status=503, times=2)
        for _ in range(3):
            await ask(router, QUESTION)
    assert asked(box) == ["deepseek", "qwen", "deepseek", "qwen", "deepseek"] * 3
    assert router.health()["deepseek"]["failures"] == 0


@pytest.mark.parametrize(
    ("how", "counts"),
    [
        ({"status": 500}, True),
        ({"status": 429}, True),
        ({"status": 408}, True),
        ({"status": 409}, True),
        ({"kind": "error_body"}, True),
        ({"kind": "reset"}, True),
        ({"status": 400}, False),
        ({"status": 403}, False),
        ({"status": 404}, False),
        ({"status": 413}, False),
        ({"status": 422}, False),
        ({"status": 401}, False),
        ({"status": 402}, False),
        ({"kind": "refusal"}, False),
        ({"kind": "content_filter"}, False),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
@pytest.mark.filterwarnings("ignore::langchain_novastack.RouteMisconfiguredWarning")
async def test_what_counts(box: Sandbox, make: Make, ask: Ask, how: dict[str, Any], *, counts: bool) -> None:
    """Only what is the model's own fault, now."""
    box.fail("deepseek", **how)
    router = make()
    for _ in range(3):
        with contextlib.suppress(openai.APIStatusError):
            await ask(router, QUESTION)
    assert router.health()["deepseek"]["failures"] == (3 if counts else 0)


@pytest.mark.filterwarnings("ignore::langchain_novastack.RouteMisconfiguredWarning")
async def test_a_refused_request_says_nothing_about_earlier_failures(box: Sandbox, make: Make, ask: Ask) -> None:
    """It neither counts nor resets."""
    box.fail("deepseek", status=503, times=2).fail("deepseek", status=400, times=2).fail("deepseek", status=503)
    router = make()
    for _ in range(5):
        await ask(router, QUESTION)
    assert router.health()["deepseek"]["failures"] == 3


async def test_a_model_comes_back_after_the_pause(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make(skip_for=0.3)
    await fail_until_skipped(box, router, ask)
    await asyncio.sleep(0.35)
    assert routing(await ask(router, QUESTION))["model"] == "deepseek"
    assert asked(box, SPENT) == ["deepseek"]
    assert router.health()["deepseek"]["failures"] == 0


async def test_one_failed_probe_closes_the_door_again(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make(skip_for=100)
    await fail_until_skipped(box, router, ask, **SOON)
    box.fail("deepseek", status=503, times=1)
    await asyncio.sleep(0.25)
    for _ in range(3):
        await ask(router, QUESTION)
    assert asked(box, SPENT) == ["deepseek", "qwen", "qwen", "qwen"]


async def test_retry_after_replaces_the_pause(box: Sandbox, make: Make, ask: Ask) -> None:
    """The gateway knows better, in both directions; without enough failures it means nothing."""
    router = make(skip_for=0.2)
    await fail_until_skipped(box, router, ask, status=429, retry_after=100)
    await asyncio.sleep(0.25)
    await ask(router, QUESTION)
    assert asked(box, SPENT) == ["qwen"]
    assert 90 < router.health()["deepseek"]["retry_in"] <= 100
    router.reset_health()
    box.clear().fail("deepseek", status=429, retry_after=100, times=1)
    await ask(router, QUESTION)
    await ask(router, QUESTION)
    assert asked(box) == ["deepseek", "qwen", "deepseek"]


async def test_a_short_retry_after_shortens_the_pause(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make(skip_for=500)
    await fail_until_skipped(box, router, ask, status=429, retry_after=0.2)
    await asyncio.sleep(0.25)
    await ask(router, QUESTION)
    assert asked(box, SPENT) == ["deepseek"]


def test_one_probe_among_many_threads(box: Sandbox, make: Make) -> None:
    """While the probe is under way, everybody else goes to the next model."""
    router = make(skip_for=100)
    box.fail("deepseek", **SOON, times=3)
    for _ in range(3):
        router.invoke(QUESTION)
    box.fail("deepseek", kind="slow", delay=0.5, times=1)
    sleep(0.35)
    with ThreadPoolExecutor(12) as pool:
        models = [routing(message)["model"] for message in pool.map(router.invoke, [QUESTION] * 12)]
    assert sorted(models) == ["deepseek"] + ["qwen"] * 11
    assert routing(router.invoke(QUESTION))["model"] == "deepseek"


async def test_one_probe_among_many_tasks(box: Sandbox, make: Make) -> None:
    router = make(skip_for=100)
    box.fail("deepseek", **SOON, times=3)
    for _ in range(3):
        await router.ainvoke(QUESTION)
    box.fail("deepseek", kind="slow", delay=0.5, times=1)
    await asyncio.sleep(0.35)
    answers = await asyncio.gather(*(router.ainvoke(QUESTION) for _ in range(12)))
    assert sorted(routing(answer)["model"] for answer in answers) == ["deepseek"] + ["qwen"] * 11


async def test_a_cancelled_probe_leaves_the_door_to_the_next(box: Sandbox, make: Make) -> None:
    router = make(skip_for=100)
    box.fail("deepseek", **SOON, times=3)
    for _ in range(3):
        await router.ainvoke(QUESTION)
    box.fail("deepseek", kind="silent", times=1)
    await asyncio.sleep(0.35)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(router.ainvoke(QUESTION), 0.3)
    assert routing(await router.ainvoke(QUESTION))["model"] == "deepseek"
    assert asked(box, SPENT) == ["deepseek", "deepseek"]


async def test_one_who_leaves_late_does_not_end_the_probe(box: Sandbox, make: Make) -> None:
    """A call from before the breaker opened, cancelled now, does not let a second probe through."""
    router = make(skip_for=100)
    box.fail("deepseek", kind="silent", seconds=20, times=1).fail("deepseek", **SOON, times=3)
    early = asyncio.ensure_future(router.ainvoke(QUESTION))
    assert await asyncio.to_thread(box.wait_for, lambda box: len(box.requests) == 1)
    for _ in range(3):
        await router.ainvoke(QUESTION)
    box.fail("deepseek", kind="slow", delay=0.5, times=1)
    await asyncio.sleep(0.35)
    probe = asyncio.ensure_future(router.ainvoke(QUESTION))
    assert await asyncio.to_thread(box.wait_for, lambda box: len(box.requests) == SPENT + 2)
    early.cancel()
    with pytest.raises(asyncio.CancelledError):
        await early
    assert routing(await router.ainvoke(QUESTION))["model"] == "qwen"
    assert routing(await probe)["model"] == "deepseek"


async def test_the_last_in_line_is_tried_anyway(box: Sandbox, make: Make, ask: Ask) -> None:
    """Somebody has to be asked: the last, and only once."""
    router = make(max_retries=0)
    box.fail("*", status=503, times=6)
    for _ in range(3):
        with pytest.raises(AllModelsFailedError):
            await ask(router, QUESTION)
    record = routing(await ask(router, QUESTION))
    assert asked(box, SPENT) == ["qwen"]
    assert (record["skipped"], record["model"]) == (["deepseek"], "qwen")


async def test_a_skipped_model_is_named_when_the_rest_fails(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make(max_retries=0)
    await fail_until_skipped(box, router, ask)
    spend_retries(router)
    box.fail("qwen", status=500)
    with pytest.raises(AllModelsFailedError) as caught:
        await ask(router, QUESTION)
    assert caught.value.routing["skipped"] == ["deepseek"]
    assert [attempt["model"] for attempt in caught.value.routing["attempts"]] == ["qwen"]
    assert caught.value.status == 500


async def test_who_names_a_model_without_fallback_gets_it(box: Sandbox, make: Make, ask: Ask) -> None:
    """A line of one has no health to look at."""
    router = make()
    await fail_until_skipped(box, router, ask)
    assert routing(await ask(router, QUESTION, model="deepseek", fallback=False))["model"] == "deepseek"


async def test_health_is_shared_by_all_that_ask_the_same_model(box: Sandbox, make: Make, ask: Ask) -> None:
    """Other routers on the same base URL, bound and copied ones, pickles, and fallbacks of single models."""
    router = make()
    await fail_until_skipped(box, router, ask)
    others: list[Any] = [
        make(),
        router.bind(stop=["x"]),
        router.model_copy(update={"temperature": 0.1}),
        pickle.loads(pickle.dumps(router)),  # noqa: S301 - our own
        router.models["deepseek"].with_fallbacks([router.models["qwen"]]),
        router.branches["deepseek"],
    ]
    for other in others:
        assert routing(await ask(other, QUESTION))["skipped"] == ["deepseek"]
    assert asked(box, SPENT) == ["qwen"] * len(others)


async def test_another_gateway_is_another_matter(box: Sandbox, make: Make, ask: Ask) -> None:
    await fail_until_skipped(box, make(), ask)
    with Sandbox() as other:
        assert routing(await ask(make(base_url=other.base_url), QUESTION))["model"] == "deepseek"


async def test_each_router_judges_by_its_own_settings(box: Sandbox, make: Make, ask: Ask) -> None:
    """The count is shared; how many are too many is each router's own business. None: never."""
    await fail_until_skipped(box, make(), ask)
    assert routing(await ask(make(skip_after=None), QUESTION))["model"] == "deepseek"
    box.fail("deepseek", status=503, times=1)
    await ask(make(), QUESTION)
    assert make(skip_after=1).health()["deepseek"]["skipped"] is True
    assert make(skip_after=2).health()["deepseek"]["skipped"] is False
    assert make(skip_after=None).health()["deepseek"]["skipped"] is False


async def test_skipping_can_be_turned_off(box: Sandbox, make: Make, ask: Ask) -> None:
    box.fail("deepseek", status=503)
    router = make(skip_after=None)
    for _ in range(5):
        await ask(router, QUESTION)
    assert asked(box) == ["deepseek", "qwen"] * 5


async def test_reset_health_forgets(box: Sandbox, make: Make, ask: Ask) -> None:
    router = make()
    await fail_until_skipped(box, router, ask)
    router.reset_health()
    assert router.health()["deepseek"] == {"failures": 0, "skipped": False, "retry_in": 0.0}
    assert routing(await ask(router, QUESTION))["model"] == "deepseek"


async def test_route_ignores_health(box: Sandbox, make: Make, ask: Ask) -> None:
    """The decision is about the request."""
    router = make()
    await fail_until_skipped(box, router, ask)
    assert router.route(QUESTION).model == "deepseek"
    assert (await router.aroute(QUESTION)).model == "deepseek"
    assert asked(box, SPENT) == []


async def test_a_broken_stream_counts_and_a_callers_leaving_does_not(
    box: Sandbox, make: Make, log: pytest.LogCaptureFixture
) -> None:
    box.fail("deepseek", kind="error_after")
    router = make()
    for expected in (1, 2, 3):
        with pytest.raises(Exception, match="stopped after content"):
            list(router.stream(QUESTION))
        assert router.health()["deepseek"]["failures"] == expected
    log.clear()
    with log.at_level(logging.WARNING, "langchain_novastack"):
        assert routing(router.invoke(QUESTION))["skipped"] == ["deepseek"]
    assert log.records == [], "nothing failed in this call"


async def test_a_model_alone_has_no_health(box: Sandbox, model: Callable[..., ChatNovastack], ask: Ask) -> None:
    """`ChatNovastack` by itself is asked, whatever happened before."""
    box.fail("deepseek", status=503, times=4)
    alone = model("deepseek", max_retries=0)
    began = monotonic()
    for _ in range(4):
        with pytest.raises(Exception, match="HTTP 503"):
            await ask(alone, QUESTION)
    await ask(alone, QUESTION)
    assert asked(box) == ["deepseek"] * 5
    assert monotonic() - began < 10


@pytest.mark.parametrize(("asked", "least", "most"), [(0, 29, 30), (-5, 29, 30), (10**9, 3_599, 3_600), (90, 89, 90)])
def test_a_retry_after_that_makes_no_sense(box: Sandbox, make: Make, asked: int, least: int, most: int) -> None:
    """None at all is as good as no header, and none is believed for longer than an hour."""
    box.fail("deepseek", status=503, headers={"Retry-After": str(asked)})
    router = make()
    for _ in range(4):
        router.invoke(QUESTION)
    assert [request.model for request in box.requests].count("deepseek") == 3
    assert least <= router.health()["deepseek"]["retry_in"] <= most
