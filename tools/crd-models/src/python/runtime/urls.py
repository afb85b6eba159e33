"""URLs as Go's net/url reads them (release 1.26)."""

import re
from typing import NamedTuple

from .addresses import parse_ipv6

_UNRESERVED = r"A-Za-z0-9._~\-"
_SCHEME = re.compile("([A-Za-z][A-Za-z0-9+.-]*):")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_ESCAPE = re.compile("%(?:([0-9A-Fa-f]{2})|(.{0,2}))", re.DOTALL)
_HOST = re.compile(f"(?:[{_UNRESERVED}!$&'()*+,;=:<>\"\\[\\]\x80-\U0010ffff]|%[89A-Fa-f][0-9A-Fa-f]|%25)*")
_ZONE_BYTE = re.compile(f"[{_UNRESERVED}!$&'()*+,;=:<>\"\\[\\]% ]")
_PORT = re.compile("(?::[0-9]*)?")
_USER = re.compile(f"[{_UNRESERVED}:!$&'()*+,;=%@]*")
_PLAIN_PATH = re.compile(f"[{_UNRESERVED}$&+,/:;=@]")
_ENCODED_PATH = re.compile(f"[{_UNRESERVED}$&+,/:;=@!'()*\\[\\]%]*")


class Url(NamedTuple):
    """A URL in its parts."""

    scheme: str
    host: str
    raw_path: str
    query: str
    user: str = ""
    opaque: str = ""
    fragment: str = ""

    @property
    def hostname(self) -> str:
        """The host without its port and brackets."""
        host, _ = self._split_host()
        return host

    @property
    def port(self) -> str:
        """The digits of the port; may be empty."""
        _, port = self._split_host()
        return port

    def _split_host(self) -> tuple[str, str]:
        host, mark, port = self.host.rpartition(":")
        if not mark or not _PORT.fullmatch(f":{port}"):
            host, port = self.host, ""
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        return host, port

    @property
    def escaped_path(self) -> str:
        """The path as it was written, or escaped where it must be."""
        if _ENCODED_PATH.fullmatch(self.raw_path) or self.raw_path == "*":
            return self.raw_path
        path = _unescape(self.raw_path)
        return "".join(chr(byte) if _PLAIN_PATH.fullmatch(chr(byte)) else f"%{byte:02X}" for byte in path)

    def parameters(self) -> dict[str, list[str]]:
        """The query's parameters; those that cannot be read are left out."""
        found: dict[str, list[str]] = {}
        for pair in self.query.split("&"):
            key, _, value = pair.partition("=")
            if pair and ";" not in pair and _is_escaped(pair):
                found.setdefault(_component(key), []).append(_component(value))
        return found


def _is_escaped(text: str) -> bool:
    return all(match[1] for match in _ESCAPE.finditer(text))


def _unescape(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return re.sub(b"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), data)


def _component(text: str) -> str:
    return _unescape(text.replace("+", " ")).decode("utf-8", "replace")


def parse_request(text: str) -> Url | None:
    """`url.ParseRequestURI`: an absolute URL, or a path from the root."""
    return _parse(text, "", via_request=True)


def parse(text: str) -> Url | None:
    """A URL with its fragment, if it is one that `parse_request` takes too."""
    if parse_request(text) is None:
        return None
    text, _, fragment = text.partition("#")
    if not _is_escaped(fragment):
        return None
    return _parse(text, fragment, via_request=False)


def _parse(text: str, fragment: str, *, via_request: bool) -> Url | None:
    if _CONTROL.search(text) or (not text and via_request):
        return None
    if text == "*":
        return Url("", "", "*", "", fragment=fragment)
    match = _SCHEME.match(text)
    if text.startswith(":"):
        return None
    scheme, rest = (match[1].lower(), text[match.end() :]) if match else ("", text)
    rest, _, query = rest.partition("?")
    if not rest.startswith("/"):
        if scheme:
            return Url(scheme, "", "", query, opaque=rest, fragment=fragment)
        if via_request or ":" in rest.partition("/")[0]:
            return None
    user = host = ""
    if rest.startswith("//") and (scheme or not (via_request or rest.startswith("///"))):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        user, _, host = authority.rpartition("@")
        if not _USER.fullmatch(user) or not _is_escaped(user) or not _is_host(host, scheme):
            return None
    if not _is_escaped(rest):
        return None
    return Url(scheme, _host(host), rest, query, user, fragment=fragment)


def _host(host: str) -> str:
    return _unescape(host).decode("utf-8", "replace")


def _is_host(host: str, scheme: str) -> bool:
    bracket = host.rfind("[")
    if bracket > 0:
        return False
    if bracket == 0:
        address, close, port = host[1:].rpartition("]")
        return bool(close) and _PORT.fullmatch(port) is not None and _is_literal(address)
    colon = host.find(":") if scheme in ("http", "https") else host.rfind(":")
    if colon >= 0 and not _PORT.fullmatch(host[colon:]):
        return False
    return _HOST.fullmatch(host) is not None


def _is_literal(host: str) -> bool:
    """What stands between brackets: an IPv6 address, maybe with an escaped zone."""
    address, mark, zone = host.partition("%25")
    if mark and (not zone or not _is_escaped(zone)):
        return False
    if any(byte < 0x80 and not _ZONE_BYTE.fullmatch(chr(byte)) for byte in _unescape(zone)):
        return False
    return ":" in address and parse_ipv6(address, sloppy=False) is not None
