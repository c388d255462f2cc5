"""A Novastack that runs on loopback, for trying out, for notebooks and for tests of your own chains."""

from langchain_novastack.sandbox.faults import KINDS
from langchain_novastack.sandbox.sandbox import Sandbox
from langchain_novastack.sandbox.server import Connections, ReceivedRequest

__all__ = ["KINDS", "Connections", "ReceivedRequest", "Sandbox"]
