"""Mail addresses as Go's net/mail reads them: one address, with or without a display name."""

import re

from .addresses import parse_ipv4, parse_ipv6

_VISIBLE = "!-~\x80-\U0010ffff"
_ATOM = re.compile(r"""[^\x00-\x20\x7f()<>\[\]:;@\\,"]+""")
_QUOTED = re.compile(rf'"((?:[!#-\[\]-~\x80-\U0010ffff \t]|\\[{_VISIBLE} \t])*)"')
_LITERAL = re.compile(r"\[([^\x00-\x20\x7f\[\]\\]*)\]")
_SPACE = re.compile("[ \t]*")


class _Reader:
    """A text and a place in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What the pattern matches here, which is then passed."""
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def takes(self, sign: str) -> bool:
        """Whether the sign stands here; then it is passed."""
        found = self.text.startswith(sign, self.at)
        self.at += found
        return found

    def skip_space(self) -> None:
        self.take(_SPACE)

    def skip_comments(self) -> bool:
        """Passes comments in brackets; false if one is not closed."""
        self.skip_space()
        while self.takes("("):
            depth = 1
            while depth and self.at < len(self.text):
                sign = self.text[self.at]
                self.at += 2 if sign == "\\" and self.at + 1 < len(self.text) else 1
                depth += (sign == "(") - (sign == ")")
            if depth:
                return False
            self.skip_space()
        return True


def is_email(text: str) -> bool:
    """The format email."""
    reader = _Reader(text)
    reader.skip_space()
    start = reader.at
    if not _take_address(reader):
        reader.at = start
        if not reader.text.startswith("<", start) and not _take_phrase(reader):
            return False
        reader.skip_space()
        if reader.takes(":"):
            return _is_group_of_one(reader)
        if not (reader.takes("<") and _take_address(reader) and reader.takes(">")):
            return False
    return reader.skip_comments() and reader.at == len(text)


def _take_address(reader: _Reader) -> bool:
    """`local@domain`."""
    reader.skip_space()
    if reader.text.startswith('"', reader.at):
        quoted = reader.take(_QUOTED)
        has_local = quoted is not None and quoted[1] != ""
    else:
        has_local = _take_dotted(reader)
    if not has_local or not reader.takes("@"):
        return False
    reader.skip_space()
    if not reader.text.startswith("[", reader.at):
        return _take_dotted(reader)
    literal = reader.take(_LITERAL)
    return literal is not None and _is_address(literal[1])


def _is_address(text: str) -> bool:
    return parse_ipv4(text, sloppy=False) is not None or (":" in text and parse_ipv6(text, sloppy=False) is not None)


def _take_dotted(reader: _Reader) -> bool:
    atom = reader.take(_ATOM)
    return atom is not None and all(atom[0].split("."))


def _take_phrase(reader: _Reader) -> bool:
    """One word or more, atoms or quoted."""
    words = 0
    while True:
        if words and not reader.skip_comments():
            return False
        reader.skip_space()
        quoted = reader.text.startswith('"', reader.at)
        if reader.take(_QUOTED if quoted else _ATOM) is None:
            return words > 0
        words += 1


def _is_group_of_one(reader: _Reader) -> bool:
    """`name: address;`."""
    end = reader.text.rfind(";")
    inner = reader.text[reader.at : end]
    rest = _Reader(reader.text[end + 1 :])
    return end >= reader.at and ":" not in inner and is_email(inner) and rest.skip_comments() and rest.at == len(rest.text)
