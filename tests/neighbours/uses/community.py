"""langchain-community: a cache in a file, a counting callback, an agent for SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_novastack.sandbox import Sandbox

    Step = tuple[str, Callable[[], object]]


def use(model: Any, box: Sandbox) -> Iterator[Step]:
    import sqlite3
    import tempfile
    from pathlib import Path

    from langchain_core.globals import set_llm_cache

    def cached() -> None:
        from langchain_community.cache import SQLiteCache

        path = f"{tempfile.mkdtemp()}/cache.db"
        set_llm_cache(SQLiteCache(database_path=path))
        try:
            first, before = model.invoke("Hello"), len(box.requests)
            assert model.invoke("Hello").text == first.text
            assert len(box.requests) == before
            assert box.api_key.encode() not in Path(path).read_bytes()
        finally:
            set_llm_cache(None)

    def counted() -> None:
        from langchain_community.callbacks import get_openai_callback

        with get_openai_callback() as count:
            usages = [model.invoke("Hello").usage_metadata]
            total = None
            for chunk in model.stream("Hello"):
                total = chunk if total is None else total + chunk
            usages.append(total.usage_metadata)
        assert count.total_tokens == sum(usage["total_tokens"] for usage in usages)
        assert count.successful_requests == 2

    def sql() -> None:
        from langchain_community.agent_toolkits import create_sql_agent
        from langchain_community.utilities import SQLDatabase

        path = f"{tempfile.mkdtemp()}/data.db"
        with sqlite3.connect(path) as connection:
            connection.execute("create table t (a int)")
            connection.execute("insert into t values (7)")
        for name in ("qwen", "deepseek", "claude"):
            box.answer(name, tool_calls=[{"name": "sql_db_query", "args": {"query": "select a from t"}}])
            box.answer(name, "It is 7.")
        agent = create_sql_agent(model, db=SQLDatabase.from_uri(f"sqlite:///{path}"), agent_type="tool-calling")
        assert "7" in agent.invoke({"input": "What is in t?"})["output"]
        box.clear()

    yield "a cache in a file", cached
    yield "a counting callback", counted
    yield "an agent for SQL", sql
