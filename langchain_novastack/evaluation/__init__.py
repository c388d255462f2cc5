"""How well a policy decides on labelled prompts."""

from langchain_novastack._lazy import lazy
from langchain_novastack.evaluation.evaluate import assert_routes, evaluate
from langchain_novastack.evaluation.report import Evaluation, Miss, Score

__all__ = ["Evaluation", "Miss", "Score", "assert_routes", "evaluate"]

__getattr__ = lazy(__name__, {"main": "__main__"})  # the command line; Python runs that module under another name
