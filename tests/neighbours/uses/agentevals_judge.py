"""agentevals: a judge of what an agent did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    from agentevals.trajectory.llm import TRAJECTORY_ACCURACY_PROMPT, create_trajectory_llm_as_judge

    trajectory = [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]

    def judged() -> None:
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, '{"reasoning": "It went straight there.", "score": true}')
        found = create_trajectory_llm_as_judge(prompt=TRAJECTORY_ACCURACY_PROMPT, judge=model)(outputs=trajectory)
        assert found["score"] is True
        box.clear()

    yield "a judge of trajectories", judged
