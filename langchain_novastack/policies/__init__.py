"""Policies: what decides which model a request goes to."""

from __future__ import annotations

from langchain_novastack.policies.base import Policy, aask, ask
from langchain_novastack.policies.keyword import KeywordPolicy

__all__ = ["KeywordPolicy", "Policy", "aask", "ask"]
