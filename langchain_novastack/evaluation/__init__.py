"""How well a policy decides on labelled prompts, what they would teach it, and what another policy would change."""

from langchain_novastack._lazy import lazy
from langchain_novastack.evaluation.evaluate import Evaluation, Miss, Score, assert_routes, evaluate
from langchain_novastack.evaluation.replay import DecisionLog, Move, Replay, replay
from langchain_novastack.evaluation.teach import Lesson, taught, teach

__all__ = ["DecisionLog", "Evaluation", "Lesson", "Miss", "Move", "Replay", "Score", "assert_routes", "evaluate"]
__all__ += ["replay", "taught", "teach"]

__getattr__ = lazy(__name__, {"main": "__main__"})  # the command line; Python runs that module under another name
