"""The table of consumers in `docs/langchain.md` is true: every row is tested for both classes."""

from __future__ import annotations

from helpers.consumer_table import CONSUMERS, FOLDER


def test_every_row_has_tests() -> None:
    assert {consumer.name: len(consumer.tests) for consumer in CONSUMERS if len(consumer.tests) < 4} == {}


def test_every_module_has_one_row() -> None:
    here = sorted(path.stem for path in FOLDER.glob("test_*.py") if path.stem != "test_consumer_table")
    assert sorted(consumer.module for consumer in CONSUMERS) == here


def test_there_are_as_many_as_promised() -> None:
    """Eighty cases, before any of them is run in several ways."""
    assert sum(len(consumer.tests) for consumer in CONSUMERS) >= 80
