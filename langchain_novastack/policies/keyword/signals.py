"""Shapes of a text that speak for or against code.

Every pattern, and every branch of one, begins with a literal character or the start of a line: the search then skips
from one such place to the next, which keeps a decision within microseconds.
"""

from __future__ import annotations

from langchain_novastack.policies.vocabulary import Signal

_TELLS = (
    r"(?=[^?\n\d_=]{25,330}[.!\"'\u2026\u201d]\s*\Z)"
    r"(?=.*(?:\b(?:is|are|was|were|isn't|aren't|wasn't|weren't|ha[sd]|have|can|can't|cannot|could|will|won't|would|must"
    r"|may|do|does|did|don't|doesn't|didn't|never|finally|suddenly|begins?|began|becomes?|became|finds?|found|falls?"
    r"|fell|wakes?|woke|comes?|came|goes|went|gets?|got|says?|said|tells?|told|takes?|took|knows?|knew|sees?|saw"
    r"|leaves?|left|runs?|ran|makes?|made|starts?|stops?|lives?|dies?|meets?|keeps?|kept|learns?|learnt|grows?|grew"
    r"|happens?|arrives?|appears?|refuses?|decides?|realizes?|discovers?)|[a-z]{2}ed|'s|[a-z]{2}s (?:up|out|into|an?"
    r"|the|his|her|their|its|back|down|off|to))\b)"
    r"(?!.*\b(?:I|[Mm]y|me|[Ww]e|our|[Pp]lease|[Ff]ollowing|[Tt]rue|[Ff]alse|should|best|most|correct|assistant"
    r"|your (?:job|task|role|goal)|Explain|Write|Give|Tell|Answer|Describe|List|Create|Make|Help|Use|Find|Say|Show"
    r"|meetings?|customers?|employees?|invoices?|deliver\w*|printers?|servers?|updates?|projects?|reports?|companies"
    r"|company|orders?|payments?|accounts?|errors?|does(?: not|n't) work|not working|reasons|causes?|stud(?:y|ies)"
    r"|process(?:es)?|systems?|team|deadline|training|users?|products?|theory|cells?|because|consists?|contains?|refers"
    r"|Summari[sz]e|Translate|Compare|Suggest|Provide|Recommend|Analy[sz]e|Review|Check|Correct|Plan|Name)\b)"
)
"""The rest of a short text that tells something, with a verb, asks for nothing and is not about the writer."""

SIGNALS: tuple[Signal, ...] = (
    Signal(name="code fence", pattern=r"^[ \t]*(?:```|~~~)", points={"code": 2.5}, most=2.5),
    Signal(
        name="traceback",
        pattern=r"Traceback \(most|\n\s{0,8}at [\w.$<>]{2,80}\(|ERR!|\[E\d{4}\]|Error\b(?<=[a-z]Error)"
        r"|Exception\b(?<=[a-z]Exception)"
        r"|\(core dumped|: command not found|No such file|No module named|Segmentation fault|SIGSEGV|Cannot read prop"
        r"|Uncaught ",
        points={"code": 3.0},
        most=3.0,
    ),
    Signal(
        name="line of code",
        pattern=r"^[ \t]*(?:(?:async )?def \w+\(|class \w+[(:{ ]|import [\w{*]+|from [\w.]+ import"
        r"|(?:export )?(?:async )?function\b[^.\n]{0,60}\("
        r"|(?:export )?const \w+|let \w+ ?=|var \w+|public |private |protected |static |#include|#define"
        r"|using [\w.]+;|package [\w.]+;?$"
        r"|return\b[^.\n]{0,80};?$|if ?\(|for ?\(|while ?\(|for \w+ in [^\n]{1,60}:$|if [^\n]{1,80}:$|else:|elif "
        r"|try:|SELECT |INSERT INTO"
        r"|UPDATE \w+ SET|CREATE (?:TABLE|PROCEDURE|FUNCTION)|DECLARE |<\?php|<!DOCTYPE|</?[a-zA-Z][\w-]{0,30}[ >/]"
        r"|@\w+|\$ ?\w+|sudo |git "
        r"|pip |npm |apiVersion:|[\w.\[\]]{1,40} ?[+\-*]?= ?[^=\n]|//|/\*|[\w.]{1,40}\([^\n]{0,100}\);?$|\}$|>>> )",
        points={"code": 0.8},
        most=4.8,
    ),
    Signal(
        name="definition",
        pattern=r"^[ \t]*(?:(?:async )?def \w+\(|class \w+\(?[\w, ]*\)?:|function \w+\(|public (?:static |class )"
        r"|#include ?<|import \w+ from|<\?php|<!DOCTYPE)",
        points={"code": 1.7},
        most=1.7,
    ),
    Signal(
        name="programming symbols",
        pattern=r";[ \t]*$|\{[ \t]*$|\}[ \t]*$|=>|==|!=|\(\)|->|::|</\w|&&|\|\||\+=|\.\w{1,40}\(|_[a-z]|\[\w{0,20}\]",
        points={"code": 0.35},
        most=3.0,
    ),
    Signal(
        name="file name",
        pattern=r"\.(?:py|js|ts|tsx|jsx|java|cpp|cc|hpp|cs|go|rs|rb|php|sh|sql|html|css|json|ya?ml|toml|ipynb|kt"
        r"|swift|lua|vue|ini|cfg"
        r"|conf|xml|dll|exe|bat|ps1|c|h|txt|csv|log|gz|tar|zip|xlsx)\b",
        points={"code": 1.3},
        most=2.6,
    ),
    Signal(name="SQL", pattern=r"SELECT\b(?=[^?]{1,200}?\bFROM\b)", points={"code": 2.0}, most=2.0),
    Signal(
        name="path or option",
        begins="/*$-",
        pattern=r"/(?<![\w:/<]/)[\w.*-]{1,60}/[\w.*-]|\*\.\w|\$(?<!\w\$)[A-Za-z_]\w|-(?<=\s-)-?[a-z][\w-]{0,30} ",
        points={"code": 1.2},
        most=2.4,
    ),
    Signal(
        name="mathematical formula",
        begins="\\$",
        pattern=r"\\(?:frac|sum|int|sqrt|begin|left|log|mathbb|cdot|alpha|beta|sigma|text|pi|times|le|ge)\b"
        r"|\$[^$\n]{2,60}\$",
        points={"code": -1.0},
        most=3.0,
    ),
    Signal(
        name="inline code",
        pattern=r"`[^`\n]{2,80}`(?!`)",
        points={"code": 0.9},
        most=1.8,
    ),
    Signal(
        name="tag of a writing prompt",
        pattern=r"^\[(?:WP|EU|SP|TT|CW|IP|RF|PM|MP|OT)\]",
        points={"creative": 5.0, "code": -2.0},
        most=5.0,
    ),
    Signal(
        name="begins a story",
        pattern=rf"\A[\"'\u201c]?(?:An?|You(?! are (?:an?|the|my|now) )|Your|Every(?:one|body)?|Each|He|She"
        rf"|Nobody|Two|Three|In an?|Once|Humans|Humanity|Mankind|Aliens|Magic|God|Death|Santa)\b{_TELLS}",
        points={"creative": 2.0},
        most=2.0,
    ),
    Signal(
        name="tells and does not ask",
        pattern=rf"\A[\"'\u201c]?(?:The|It(?:'s)?|There(?:'s)?|They|After|When|As|All|Only|Since|One|Earth|Heaven|Ever"
        rf"|Every|No|Most|Some|People|Scientists|Somewhere|(?!You|What|Wh[oy]|Which|How)[A-Z]\w{{2,14}} (?:ha[sd]|have"
        rf"|is|are|was|were|finally|takes|discovers?))\b{_TELLS}",
        points={"creative": 2.0},
        most=2.0,
    ),
    Signal(
        name="stage direction",
        pattern=r"\*(?:(?<![\w*]\*)[a-z]+s\b[^*\n]{2,80}|(?<=^\*)[A-Za-z][^*\n]{8,200})\*(?![\w*])|INT\. |EXT\. ",
        points={"creative": 3.0},
        most=3.0,
    ),
    Signal(name="name of a player", pattern=r"\{\{(?:user|char)\}\}", points={"creative": 3.0}, most=3.0),
    Signal(
        name="ends with a question",
        pattern=r"\?\s*\Z",
        points={"creative": -0.4},
        most=0.4,
    ),
)
