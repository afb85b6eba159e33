"""Functions on texts: cel-go's strings, and Kubernetes' regular expressions."""

from ..patterns import UnknownSyntax, compiled

_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_QUOTED = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\", 34: '\\"'}
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def char_at(text: str, index: int) -> str | None:
    """The character at a place; nothing just after the end."""
    return text[index : index + 1] if 0 <= index <= len(text) else None


def index_of(text: str, part: str, start: int = 0) -> int | None:
    """Where the part begins first, from a place on; -1 if nowhere."""
    if start < 0:
        return None
    return text.find(part, start) if part else min(start, len(text))


def last_index_of(text: str, part: str, start: int | None = None) -> int | None:
    """Where the part begins last, up to a place."""
    if start is None:
        return text.rfind(part)
    if start < 0:
        return None
    if not part:
        return min(start, len(text))
    return text.rfind(part, 0, start + len(part)) if start < len(text) else -1


def lower_ascii(text: str) -> str:
    """With small letters from A to Z."""
    return text.translate(_LOWER)


def upper_ascii(text: str) -> str:
    """With capital letters from a to z."""
    return text.translate(_UPPER)


def replaced(text: str, old: str, new: str, most: int = -1) -> str:
    """With the first occurrences replaced, all of them by default."""
    return text.replace(old, new, max(most, -1))


def split(text: str, separator: str, most: int = -1) -> list[str]:
    """The parts, no more than asked for."""
    if most == 0:
        return []
    if separator:
        return text.split(separator, most - 1 if most > 0 else -1)
    chars = list(text)
    return chars if most < 0 or most >= len(chars) else [*chars[: most - 1], "".join(chars[most - 1 :])]


def substring(text: str, start: int, end: int | None = None) -> str | None:
    """The characters from a place on, up to another."""
    stop = len(text) if end is None else end
    return text[start:stop] if 0 <= start <= stop <= len(text) else None


def trim(text: str) -> str:
    """Without white space around it."""
    return text.strip(_SPACE)


def go_quote(text: str) -> str:
    """Go's `%q`."""
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(char: str) -> str:
    code = ord(char)
    if code in _QUOTED:
        return _QUOTED[code]
    if char.isprintable():
        return char
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote(text: str) -> str:
    """In double quotes, with escapes."""
    return f'"{text.translate(_QUOTED)}"'


def matches(text: str, pattern: str) -> bool | None:
    """Whether a pattern that is no constant matches somewhere."""
    try:
        return compiled(pattern).search(text) is not None
    except UnknownSyntax:
        return None


def find(text: str, pattern: str) -> str | None:
    """The first match, or nothing."""
    try:
        match = compiled(pattern).search(text)
    except UnknownSyntax:
        return None
    return match[0] if match else ""


def find_all(text: str, pattern: str, most: int = -1) -> list[str] | None:
    """The matches, no more than asked for. Go lets no empty match touch the one before."""
    try:
        found = compiled(pattern).finditer(text)
    except UnknownSyntax:
        return None
    matches: list[str] = []
    end = -1
    for match in found:
        if match.end() > match.start() or match.start() != end:
            matches.append(match[0])
        end = match.end()
    return matches if most < 0 else matches[:most]
