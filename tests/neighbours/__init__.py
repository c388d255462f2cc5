"""Packages that trace, judge, serve or use chat models: what each does with ours, beside a plain `ChatOpenAI`.

Each is installed in an environment of its own by `.ci/neighbours`, which runs `look.py` there. A module of `traces/`
or `uses/` is all that is written for one: `traces/` have a `start()` that switches recording on and returns what
takes the records made since it was last called; `uses/` have a `use(model, box)` that yields steps by name.
`table.py` names them all; `results.json` holds what was seen last, and `docs/neighbours.md` shows it.
"""
