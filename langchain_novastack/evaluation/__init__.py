"""How well a policy decides on labelled prompts."""

from langchain_novastack.evaluation.evaluate import Evaluation, Miss, assert_routes, evaluate, main

__all__ = ["Evaluation", "Miss", "assert_routes", "evaluate", "main"]
