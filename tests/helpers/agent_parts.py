"""Tools and questions for the agents of this folder's tests."""

from __future__ import annotations

import sys
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from pydantic import BaseModel

QUESTION = "Use get_weather: how is the weather in Lisbon?"


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"Sunny in {city}."


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


INTERRUPTIBLE = ["invoke"] if sys.version_info < (3, 11) else ["invoke", "ainvoke"]
"""Ways to ask in which LangGraph can interrupt; async, it hands its config down from Python 3.11 on."""


class Report(BaseModel):
    """A weather report."""

    city: str
    degrees: int


def asked(question: str) -> dict[str, Any]:
    """Return an agent's input."""
    return {"messages": [("user", question)]}


def answers(messages: list[BaseMessage]) -> list[AIMessage]:
    """Return the models' messages."""
    return [message for message in messages if isinstance(message, AIMessage)]


def models(messages: list[BaseMessage]) -> list[str]:
    """Return which model gave each answer."""
    return [answer.response_metadata["model_name"] for answer in answers(messages)]
