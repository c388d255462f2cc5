"""MCP adapters: tools of a server that an agent uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


SERVER = """
from mcp.server.fastmcp import FastMCP
server = FastMCP("sums")


@server.tool()
def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b


server.run(transport="stdio")
"""


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import sys

    from langchain.agents import create_agent
    from langchain_mcp_adapters.client import MultiServerMCPClient

    from neighbours.look import LOOP

    async def asked() -> None:
        where: Any = {"sums": {"command": sys.executable, "args": ["-c", SERVER], "transport": "stdio"}}
        tools = await MultiServerMCPClient(where).get_tools()
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, tool_calls=[{"name": "add", "args": {"a": 2, "b": 3}}])
        done = await create_agent(model, tools).ainvoke({"messages": [("user", "What is 2 and 3?")]})
        assert "5" in str(done["messages"][2].content)
        assert done["messages"][-1].text

    yield "a tool of a server, in an agent", lambda: LOOP.run_until_complete(asked())
