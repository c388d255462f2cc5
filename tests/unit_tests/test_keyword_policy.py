"""`KeywordPolicy`: what it goes by, what it tells, and how it is changed."""

from __future__ import annotations

import asyncio
import copy
import pickle
import pickletools
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from langchain_core.load import dumps, loads
from langchain_core.messages import HumanMessage
from langchain_core.prompt_values import ChatPromptValue, StringPromptValue

from langchain_novastack.policies import DEFAULT_VOCABULARY, KeywordPolicy, Signal, Table, Vocabulary, keyword
from langchain_novastack.policies.keyword.__main__ import print_words
from langchain_novastack.tasks import DEFAULT_TASKS, Task

INDICATORS = {
    "debug": ("Debug this for me", "deepseek"),
    "refactor": ("Refactor this, please", "deepseek"),
    "code review": ("I would like a code review", "deepseek"),
    "optimize": ("Optimize this", "deepseek"),
    "story": ("I want a story", "claude"),
    "poem": ("A poem, please", "claude"),
    "creative": ("Something creative", "claude"),
    "brainstorm": ("Let us brainstorm", "claude"),
    "analyze": ("Analyze the market for electric bikes", "qwen"),
    "summarize": ("Summarize this page", "qwen"),
    "research": ("Research the history of paper", "qwen"),
    "explain": ("Explain how tides work", "qwen"),
}


@pytest.mark.parametrize("indicator", INDICATORS)
def test_reference_indicators_route_plain_requests(indicator: str) -> None:
    """Each word of the reference design still sends a plain request to its model, and the decision names it."""
    request, model = INDICATORS[indicator]
    decision = KeywordPolicy()(request)
    assert (decision.model, indicator in decision.matched) == (model, True)


def test_indicators_stand_in_the_default_tasks() -> None:
    """The words of the reference design are data of the tasks, none more and none less."""
    assert {word for task in DEFAULT_TASKS for word in task.indicators} == set(INDICATORS)


@pytest.mark.parametrize("request_", ["I like historybooks", "the debugger's poemless undebugged storytellerish day"])
def test_indicators_match_whole_words(request_: str) -> None:
    """A word within another word is not that word."""
    assert not {"story", "poem", "debug"} & set(KeywordPolicy()(request_).matched)


def test_case_does_not_matter() -> None:
    """Shouting changes nothing."""
    policy = KeywordPolicy()
    assert policy("WRITE A POEM ABOUT RAIN") == policy("write a poem about rain")


@pytest.mark.parametrize(
    "input_",
    [
        "Write a haiku",
        [("human", "Write a haiku")],
        [HumanMessage("Write a haiku")],
        StringPromptValue(text="Write a haiku"),
        ChatPromptValue(messages=[HumanMessage("Write a haiku")]),
    ],
)
async def test_takes_what_a_chat_model_takes(input_: Any) -> None:
    """Strings, messages, tuples and prompt values, four ways, with one answer."""
    policy = KeywordPolicy()
    answers = {policy(input_), policy.invoke(input_), await policy.ainvoke(input_), *policy.batch([input_])}
    assert {answer.task for answer in answers} == {"creative"}
    assert len(answers) == 1


def test_an_input_of_another_kind_is_refused() -> None:
    """An integer is no prompt."""
    with pytest.raises(ValueError, match="`input` must be a string"):
        KeywordPolicy().invoke(3)  # type: ignore[arg-type] # on purpose


def test_the_decision_tells_why() -> None:
    """A decision names task, model, policy, what matched, and a reason in one sentence."""
    decision = KeywordPolicy()("Write a sonnet about my SECRET-1234 sister")
    assert (decision.task, decision.model, decision.policy) == ("creative", "claude", "KeywordPolicy")
    assert decision.matched[0] == "sonnet"
    assert decision.reason == "It looks like creative: sonnet."
    assert decision.confidence > 0.6


def test_matched_holds_no_text_of_the_prompt() -> None:
    """Only entries of the tables and names of signals are told."""
    known = {entry for table in DEFAULT_VOCABULARY.tables for entry in table.entries}
    known |= {signal.name for signal in DEFAULT_VOCABULARY.signals} | set(INDICATORS)
    prompt = "Fix `my_secret_function()` in /home/anna/secret.py:\n```python\ndef my_secret_function(): pass\n```"
    matched = KeywordPolicy()(prompt).matched
    assert matched
    assert set(matched) <= known


@pytest.mark.parametrize("text", ["", "   \n", "ok", "xyzzy", "🙂"])
def test_unsure_means_default(text: str) -> None:
    """Where nothing speaks for a task the default gets it, and the decision is unsure."""
    decision = KeywordPolicy()(text)
    assert (decision.task, decision.is_unsure(), decision.matched) == ("general", True, ())


def test_evidence_for_the_default_is_no_guess() -> None:
    """A plain question is the default task by evidence."""
    assert not KeywordPolicy()("Summarize the article in three sentences").is_unsure()


def test_no_messages_are_the_default() -> None:
    """An empty conversation is decided too."""
    assert KeywordPolicy().decide([]).model == "qwen"


def test_thresholds_are_a_dial() -> None:
    """A higher threshold sends fewer requests to the dear model, a lower one more."""
    text = "Give me a witty reply"
    tasks = [KeywordPolicy(thresholds={"creative": points})(text).task for points in (0.5, 9.0)]
    assert tasks == ["creative", "general"]


def test_a_threshold_for_an_unknown_task_is_refused() -> None:
    """A typo in a task's name is found when the policy is made."""
    with pytest.raises(ValueError, match=r"`thresholds` must .* \(code, creative, general\), got creativ\."):
        KeywordPolicy(thresholds={"creativ": 1.0})


LEGAL = Task(name="legal", model="claude", indicators=("contract", "liability clause", "合同"))


@pytest.mark.parametrize("text", ["Is this contract valid?", "check the Liability Clause", "请检查这份合同"])
def test_a_new_task_needs_only_indicators(text: str) -> None:
    """A user's task is chosen by its own words, in any script."""
    decision = KeywordPolicy(tasks=(*DEFAULT_TASKS, LEGAL))(text)
    assert (decision.task, decision.model) == ("legal", "claude")


def test_a_new_task_is_followed_up() -> None:
    """A user's task keeps its follow-ups as the built-in ones do."""
    turns = [("human", "Is this contract valid?"), ("ai", "Yes."), ("human", "why?")]
    assert KeywordPolicy(tasks=(*DEFAULT_TASKS, LEGAL)).invoke(turns).task == "legal"


def test_other_tasks_may_take_the_place_of_all() -> None:
    """Without a task named general the last one is the default."""
    policy = KeywordPolicy(tasks=(LEGAL, Task(name="rest", model="qwen")))
    assert [policy(text).task for text in ("my contract", "Write a poem")] == ["legal", "rest"]


def test_a_task_may_move_to_another_model() -> None:
    """The tables speak for tasks by name, whatever model does them."""
    code = Task(name="code", model="claude")
    assert KeywordPolicy(tasks=(code, *DEFAULT_TASKS[1:]))("write a python function").model == "claude"


@pytest.mark.parametrize("tasks", [(), (LEGAL, LEGAL)])
def test_wrong_tasks_are_refused(tasks: tuple[Task, ...]) -> None:
    """No tasks, or one name twice, is an error that names the argument."""
    with pytest.raises(ValueError, match="tasks"):
        KeywordPolicy(tasks=tasks)


def test_the_vocabulary_is_extended_and_cut() -> None:
    """A table can be added, replaced and left out; the default stays as it is."""
    slang = Table(name="slang", entries="vibe coding, hackathon", points={"code": 3})
    extended = DEFAULT_VOCABULARY.extended(slang, Signal(name="ticket", pattern=r"ABC-\d+", points={"code": 3}))
    texts = ("a hackathon in May", "what about ABC-12?")
    assert [KeywordPolicy(vocabulary=extended)(text).task for text in texts] == ["code", "code"]
    assert [KeywordPolicy()(text).task for text in texts] == ["general", "general"]
    replaced = extended.extended(Table(name="slang", entries="jam", points={"code": 3}))
    assert KeywordPolicy(vocabulary=replaced)("a hackathon in May").task == "general"
    assert "slang" not in extended.without("slang").names


def test_an_entry_can_stand_for_a_quotation() -> None:
    """`quoted` is found where anything stands in quotation marks, and only there."""
    named = Table(name="named", entries="parcel named quoted", points={"code": 3})
    policy = KeywordPolicy(vocabulary=DEFAULT_VOCABULARY.extended(named))
    texts = ('The parcel named "blue box" is late', "The parcel named blue box is late")
    assert [policy(text).task for text in texts] == ["code", "general"]


def test_an_unknown_table_cannot_be_left_out() -> None:
    """A typo in a table's name is an error that lists the known ones."""
    with pytest.raises(ValueError, match=r"`names` must be among programming languages, .*; got no such table\."):
        DEFAULT_VOCABULARY.without("no such table")


def test_an_empty_vocabulary_leaves_the_indicators() -> None:
    """Without tables the policy is a list of keywords."""
    policy = KeywordPolicy(vocabulary=Vocabulary(tables=()))
    assert [policy(text).task for text in ("debug it", "write a sonnet")] == ["code", "general"]


def test_tables_have_unique_names_and_known_verbs() -> None:
    """Every table can be named, and every window of a verb can open."""
    names = DEFAULT_VOCABULARY.names
    verbs = {table.name for table in DEFAULT_VOCABULARY.tables if table.where == "verb"}
    assert len(set(names)) == len(names)
    assert {verb for table in DEFAULT_VOCABULARY.tables for verb in table.verbs} <= verbs


def test_copies_decide_alike() -> None:
    """Pickles, deep copies and dumped policies are as good as the first, and none carries the index."""
    policy = KeywordPolicy(tasks=(*DEFAULT_TASKS, LEGAL), thresholds={"code": 2.5})
    expected = policy("Is this contract valid?")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = loads(dumps(policy), allowed_objects=[KeywordPolicy, Task], valid_namespaces=["langchain_novastack"])
    for twin in (pickle.loads(pickle.dumps(policy)), copy.deepcopy(policy), policy.model_copy(), loaded):  # noqa: S301 - ours
        assert twin == policy
        assert twin("Is this contract valid?") == expected


def test_a_changed_vocabulary_survives_dumps() -> None:
    """Tables of the user's own are dumped and come back."""
    policy = KeywordPolicy(vocabulary=Vocabulary(tables=(Table(name="slang", entries="jam", points={"code": 3}),)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = loads(
            dumps(policy),
            allowed_objects=[KeywordPolicy, Vocabulary, Table],
            valid_namespaces=["langchain_novastack"],
        )
    assert loaded("we jam").task == "code"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "(",
        "{",
        "[",
        "<",
        "'",
        '"',
        "`",
        "\\",
        "$",
        "/",
        "=",
        "_",
        "\n",
        " ",
        ".",
        "-",
        "at ",
        "def ",
        "if ",
        "x.y(",
        "a.",
        "a_",
        "select ",
        "from ",
        "</context>",
        "<context>",
        "Error",
        "诗",
        "写",
        "ж",
        "قصة",
        "́",
        "\u2019",
        "question:",
        "\nquestion:",
        "write a ",
        "\n  at a",
        "[a",
        "$a",
        "x = ",
        "return a",
        "for a in ",
        "function ",
        "e\u0301",
        "🙂",
        "*a",
        "{{user}}",
        "[WP]",
        "You are ",
        "The king is ",
        "as a ",
        "INT. ",
        "? ",
        "写一",
    ],
)
def test_adversarial_text_does_not_backtrack(piece: str) -> None:
    """A hundred thousand characters of anything are decided by their ends: no pattern runs away on them."""
    text = piece * (100_000 // len(piece))
    short = text[: len(piece) * 3000]
    policy = KeywordPolicy()
    assert policy(text).task in {"code", "creative", "general"}
    assert policy(f"Write a poem about rain.\n{short}").confidence > 0


def test_the_middle_of_a_long_text_is_not_read() -> None:
    """The request stands at one of the ends; what is pasted between does not decide."""
    pasted = "Lorem ipsum dolor sit amet. " * 400
    code = "```python\ndef f():\n    return select\n```\n" * 40
    policy = KeywordPolicy()
    assert policy(f"Write a poem from this.\n{pasted}{code}{pasted}").task == "creative"
    assert policy(f"{pasted}{code}{pasted}\nWrite a poem from this.").task == "creative"


async def test_decisions_are_safe_in_company() -> None:
    """Many tasks at once on a fresh policy give one answer."""
    policy = KeywordPolicy(tasks=(*DEFAULT_TASKS, LEGAL))
    answers = await asyncio.gather(*(policy.ainvoke("write a python function") for _ in range(50)))
    assert set(answers) == {policy("write a python function")}


def test_pickles_of_routers_are_small() -> None:
    """They go to every worker of a cluster; the default vocabulary is there already, and is the same object."""
    policy = KeywordPolicy()
    assert len(pickle.dumps(policy)) < 20_000
    assert pickle.loads(pickle.dumps(policy)).vocabulary is policy.vocabulary  # noqa: S301 - our own
    shorter = policy.vocabulary.without(policy.vocabulary.names[0])
    twin = pickle.loads(pickle.dumps(KeywordPolicy(vocabulary=shorter)))  # noqa: S301 - our own
    assert twin.vocabulary == shorter


def test_a_copy_with_other_tasks_forgets_the_words_of_the_first() -> None:
    """Also when the first was asked already."""
    policy = KeywordPolicy()
    assert policy("zap it").task == "general"
    zap = Task(name="zap", model="claude", indicators=("zap",))
    other = policy.model_copy(update={"tasks": (zap, Task(name="rest", model="deepseek"))})
    assert (other("zap it").task, other("Hello").task) == ("zap", "rest")
    assert policy("zap it").task == "general"


def test_a_pickle_names_the_default_vocabulary_by_its_public_name() -> None:
    """Which stays, wherever the tables are kept."""
    names = [str(arg) for _, arg, _ in pickletools.genops(pickle.dumps(DEFAULT_VOCABULARY)) if arg]
    assert "langchain_novastack.policies:DEFAULT_VOCABULARY" in names
    assert not [name for name in names if "keyword" in name]


FIRST = """
from time import process_time as cpu
begun = cpu(); import langchain_openai; imported = cpu() - begun
from langchain_novastack import KeywordPolicy
begun = cpu(); KeywordPolicy()({text!r}); print(imported, cpu() - begun)
"""


@pytest.mark.parametrize("text", ["Write a haiku about rain, please", "写一首关于雨的诗"])
def test_the_first_decision_of_a_process_is_no_pause(text: str) -> None:
    """It costs at most a fiftieth of the CPU time that importing langchain-openai takes; the best of three counts."""
    shares = []
    for _ in range(3):
        code = FIRST.format(text=text)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        imported, decided = map(float, done.stdout.split())
        shares.append(decided / imported)
        if shares[-1] <= 0.02:
            break
    assert min(shares) <= 0.02


SHAPES = {
    "The king was never told that the sea had taken his daughter\u2026": "tells and does not ask",
    "\u201cA boy finds a door that opens into the sea\u201d": "begins a story",
    "A dragon has lost its fire and tells nobody!": "begins a story",
    "npm ERR! code E404": "traceback",
    "once: for i in range(3): print(i)": "code in a line",
    "see /usr/lib/main.py": "file name",
    "SELECT a FROM b": "SQL",
    "Where does it look for /usr/lib/x?": "path or option",
    "INT. KITCHEN": "stage direction",
    "hello {{user}}": "name of a player",
    "[WP] You are dead": "tag of a writing prompt",
    "\u5199\u4e00\u9996\u5173\u4e8e\u96e8\u7684\u8bd7": "\u8bd7",
}


@pytest.mark.parametrize(("text", "shape"), SHAPES.items())
def test_what_a_signal_needs_changes_no_decision(text: str, shape: str) -> None:
    """It only saves searches: what is there is found, and without `needs` the decision is the same."""
    signals = tuple(signal.model_copy(update={"needs": ""}) for signal in DEFAULT_VOCABULARY.signals)
    searched = KeywordPolicy(vocabulary=DEFAULT_VOCABULARY.model_copy(update={"signals": signals}))
    assert shape in KeywordPolicy()(text).matched
    assert KeywordPolicy()(text) == searched(text)


def test_a_decision_is_remembered_for_what_it_was_about() -> None:
    """Agents ask again at each step; another text, and the same one later in a conversation, are decided anew."""
    policy = KeywordPolicy()
    first = policy("shorter please")
    assert policy([("system", "Be kind."), ("human", "shorter please")]) == first
    assert policy([("human", "Write a poem"), ("ai", "Rain."), ("human", "shorter please")]).task == "creative"
    assert policy("shorter please") == first
    many = [policy(f"Write a poem about the number {n}").task for n in range(600)]
    assert set(many) == {"creative"}


# -- files of words ---------------------------------------------------------------------------------------------------


def test_the_shipped_words_have_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_words(["--check"]) == 0
    assert capsys.readouterr().out == "no mistakes\n"


def test_the_command_lists_and_prints_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them by name, where they stand; one of them as its file has it."""
    assert print_words([]) == 0
    listed = capsys.readouterr().out
    assert all(
        re.search(rf"^{re.escape(name)}  .*\.txt:\d+$", listed, re.MULTILINE) for name in DEFAULT_VOCABULARY.names
    )
    assert print_words(["my code", "code fence"]) == 0
    shown = capsys.readouterr().out
    assert "[my code]\npoints: code 2\n\n" in shown
    assert "[code fence]\npoints: code 2.5\nmost: 2.5\npattern: ^[ \\t]*(?:```|~~~)\n" in shown


def test_the_command_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "langchain_novastack.policies.keyword", "no such table"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "`NAME` must be a file, or the name of a table or signal, got 'no such table'." in done.stderr


SOUND = "# mine\n[slang]\npoints: code 2\n\nhackathon,\nvibe coding\n"
MISTAKES = {
    "words without a table": ("hello\n", "1: the name of a table in brackets must stand above its words"),
    "a bracket left open": ("[slang\n", "1: a name must stand in brackets, got '[slang'"),
    "a table without a name": ("[ ]\n\na\n", "1: `name` must have at least 1 character"),
    "an unknown setting": ("[a]\npoint: code 2\n\nb\n", "2: a line below a name must be a setting"),
    "a setting twice": ("[a]\nmost: 2\nmost: 3\n\nb\n", "3: a line below a name must be a setting"),
    "no empty line": ("[a]\npoints: code 2\nb, c\n", "3: a line below a name must be a setting"),
    "no number": ("[a]\npoints: code two\n\nb\n", "2: `points` must be a valid number"),
    "no task": ("[a]\npoints: 2\n\nb\n", "2: `points` must have at least 1 character, got '2'"),
    "an infinite number": ("[a]\npoints: code inf\n\nb\n", "2: `points` must be a finite number"),
    "a misspelt task": (
        "[a]\npoints: creativ 2\n\nb\n",
        "2: `points` must be for tasks, got 'creativ'; did you mean 'c",
    ),
    "nothing at most": ("[a]\nmost: 0\n\nb\n", "2: `most` must be greater than 0"),
    "an unknown place": ("[a]\nwhere: nowhere\n\nb\n", "2: `where` must be 'anywhere', 'opening',"),
    "a table twice": (f"{SOUND}\n[slang]\n\njam\n", "8: a table must have a name of its own"),
    "no words": ("[a]\npoints: code 2\n\n[b]\n\nc\n", "1: 'a' must hold at least one word"),
    "an empty entry": ("[a]\n\nb,\nc,, d\n", "4: a word must stand between two commas"),
    "a word twice": (
        "[a]\n\nb, Poème\n\npoeme\n",
        "5: a word must stand once in a table, but 'poeme' is in line 3 too",
    ),
    "unknown verbs": ("[a]\nwhere: asked\nverbs: making; doing\n\nb\n", "3: `verbs` must name tables of verbs"),
    "no verbs": ("[a]\nwhere: asked\n\nb\n", "1: `verbs` must be given for `where: asked`, and only then"),
    "points that never count": ("[a]\nwhere: verb\npoints: code 1\n\nb\n", "3: `points` must be left out"),
    "no regular expression": ("[a]\npoints: code 1\npattern: a(b\n", "3: `pattern` must be a regular expression"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_in_a_file_of_words_are_told(mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By file and line."""
    text, message = MISTAKES[mistake]
    (tmp_path / "mine.txt").write_text(text, encoding="utf-8")
    assert print_words(["--check", str(tmp_path / "mine.txt")]) == 1
    assert f"{tmp_path / 'mine.txt'}:{message}" in capsys.readouterr().out


def test_a_sound_file_of_words_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also one that an editor began with a byte order mark and ended its lines as Windows does."""
    path = tmp_path / "mine.txt"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.replace("\n", "\r\n").encode())
    assert print_words(["--check", str(path)]) == 0
    assert print_words([str(path)]) == 0
    assert re.search(r"^slang +anywhere +code 2 +2 ", capsys.readouterr().out, re.MULTILINE)


def test_the_described_format_is_the_format(tmp_path: Path) -> None:
    """The example on the page beside the words is a file of words."""
    page = (Path(str(keyword.__file__)).parent / "words" / "README.md").read_text(encoding="utf-8")
    example = "\n".join(
        line[4:] for line in page.partition("    python")[0].splitlines() if not line or line[:4] == "    "
    )
    (tmp_path / "mine.txt").write_text(example, encoding="utf-8")
    assert print_words(["--check", str(tmp_path / "mine.txt")]) == 0
