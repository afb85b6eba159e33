"""Regular expressions that mean what they mean to Go (RE2).

Those of a schema are translated when the models are made, and run by the
engine of pydantic, which like RE2 takes time in proportion to the text. What a
CEL rule puts together, and what it wants to find, is translated here for `re`.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from pydantic_core import SchemaValidator, core_schema

_PERL = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_TOKEN = re.compile(
    r"""\\Q(?P<quoted>.*?)(?:\\E|$) | \\x\{(?P<code>[0-9A-Fa-f]+)\} | \\(?P<escape>.)
      | (?P<open>\[\^?\]?) | (?P<count>\{[0-9]+(?:,[0-9]*)?\}) | (?P<brace>[{}]) | (?P<end>\$) | \(\?P?<(?P<name>\w+)>
      | (?P<flags>\(\?[a-zA-Z-]+[:)])""",
    re.DOTALL | re.VERBOSE,
)
_CLASS_TOKEN = re.compile(r"\[:(?P<not>\^?)(?P<posix>[a-z]+):\]|\\x\{(?P<code>[0-9A-Fa-f]+)\}|\\(?P<escape>.)|(?P<sign>[\[&|~-])", re.DOTALL)


class UnknownSyntax(ValueError):
    """An expression that RE2 does not take, or that is not known here."""


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a translated pattern matches somewhere in a text."""
    return SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python


def matches(pattern: str, text: str) -> bool:
    """Whether a translated pattern matches somewhere."""
    return matcher(pattern)(text)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """An expression of Go for `re`."""
    try:
        return re.compile("".join(_translated(pattern)), re.ASCII)
    except re.error as error:
        raise UnknownSyntax(str(error)) from None


def _translated(pattern: str) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        if match is None:
            out.append(pattern[at])
            at += 1
            continue
        at = match.end()
        if match["open"]:
            text, at = _class(pattern, match.start())
            out.append(text)
        else:
            out.append(_token(match))
    return out


def _token(match: re.Match[str]) -> str:
    if match["quoted"] is not None:
        return re.escape(match["quoted"])
    if match["code"]:
        return re.escape(chr(int(match["code"], 16)))
    if match["escape"]:
        return _escape(match["escape"])
    if match["brace"]:
        return "\\" + match["brace"]
    if match["end"]:
        return r"\Z"
    if match["name"]:
        return f"(?P<{match['name']}>"
    if match["flags"]:
        return _flags(match["flags"])
    return match[0]


def _flags(text: str) -> str:
    """Flags up to the end of a group are not known to `re`."""
    on, _, _ = text[2:-1].partition("-")
    if text.endswith(")") or "U" in text or "m" in on:
        raise UnknownSyntax(f"flags {text}")
    return text


def _escape(char: str) -> str:
    if char in _PERL:
        return f"[{_PERL[char]}]"
    if char.lower() in _PERL and char.isupper():
        return f"[^{_PERL[char.lower()]}]"
    if char in "AbBfnrtv":
        return "\\" + char
    if char == "z":
        return r"\Z"
    if char == "a":
        return r"\x07"
    if char.isalnum():
        raise UnknownSyntax(f"escape {char}")
    return re.escape(char)


def _class(pattern: str, start: int) -> tuple[str, int]:
    """A class in brackets, and where it ends."""
    opened = re.compile(r"\[\^?\]?").match(pattern, start)
    at = opened.end() if opened else start + 1
    out = [pattern[start:at].replace("]", r"\]")]
    while at < len(pattern) and pattern[at] != "]":
        match = _CLASS_TOKEN.match(pattern, at)
        if match is None:
            out.append(pattern[at])
            at += 1
            continue
        at = match.end()
        out.append(_class_token(match))
    if at >= len(pattern):
        raise UnknownSyntax("a class that is not closed")
    return "".join(out) + "]", at + 1


def _class_token(match: re.Match[str]) -> str:
    if match["posix"]:
        if match["not"] or match["posix"] not in _POSIX:
            raise UnknownSyntax(match[0])
        return _POSIX[match["posix"]]
    if match["code"]:
        return re.escape(chr(int(match["code"], 16)))
    char = match["escape"]
    if char is None:
        return "-" if match["sign"] == "-" else "\\" + match["sign"]
    if char in _PERL:
        return _PERL[char]
    if char in "fnrtv":
        return "\\" + char
    if char == "a":
        return r"\x07"
    # `re` knows \D, \S and \W in a class; those of ASCII are RE2's but for \v.
    if char in "DSW":
        return "\\" + char
    if char.isalnum():
        raise UnknownSyntax(f"escape {char}")
    return re.escape(char)
