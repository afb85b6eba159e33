"""IP addresses, networks and MAC addresses as Go reads them.

The server's formats tolerate leading zeros (k8s.io/utils/net, ParseIPSloppy);
its CEL functions do not (net/netip).
"""

import re

_DIGITS = re.compile(r"[0-9]+")
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_PAIR, _QUAD = "[0-9A-Fa-f]{2}", "[0-9A-Fa-f]{4}"
_MAC = re.compile(
    "|".join(
        [f"{_PAIR}(?:{sign}{_PAIR}){{{count}}}" for sign in ":-" for count in (5, 7, 19)]
        + [f"{_QUAD}(?:[.]{_QUAD}){{{count}}}" for count in (2, 3, 9)]
        + [f"[0-9A-Fa-f]{{{count}}}" for count in (12, 16, 40)]
    )
)


def parse_ipv4(text: str, *, sloppy: bool) -> bytes | None:
    """Four octets; `sloppy` takes leading zeros."""
    octets = text.split(".")
    if len(octets) != 4:
        return None
    found = bytearray()
    for octet in octets:
        has_zeros = len(octet) > 1 and octet[0] == "0"
        if not _DIGITS.fullmatch(octet) or (has_zeros and not sloppy):
            return None
        # So many digits that the number does not matter.
        value = int(octet) if len(octet) < 8 or has_zeros else 256
        if value > 255:
            return None
        found.append(value)
    return bytes(found)


def parse_ipv6(text: str, *, sloppy: bool) -> bytes | None:
    """Sixteen octets, without a zone; the last four may be written as an IPv4 address."""
    head, gap, tail = text.partition("::")
    if gap and "::" in tail:
        return None
    before = _groups(head, sloppy=sloppy, last=not gap)
    after = _groups(tail, sloppy=sloppy, last=True)
    if before is None or after is None:
        return None
    missing = 16 - len(before) - len(after)
    if missing < (2 if gap else 0) or (missing and not gap):
        return None
    return before + bytes(missing) + after


def _groups(text: str, *, sloppy: bool, last: bool) -> bytes | None:
    """The octets of `1:2:3`; only the `last` groups may end with an IPv4 address."""
    if not text:
        return b""
    found = bytearray()
    groups = text.split(":")
    for index, group in enumerate(groups):
        if "." in group and last and index == len(groups) - 1:
            octets = parse_ipv4(group, sloppy=sloppy)
            if octets is None:
                return None
            found += octets
        else:
            digits = (group.lstrip("0") or "0") if sloppy and group else group
            if not _GROUP.fullmatch(digits):
                return None
            found += int(digits, 16).to_bytes(2, "big")
    return bytes(found)


def is_ipv4(text: str) -> bool:
    """The format ipv4."""
    first = re.search("[.:]", text)
    if first is None or "." not in text:
        return False
    # An IPv6 address that ends with an IPv4 one has a dot, too.
    parse = parse_ipv4 if first[0] == "." else parse_ipv6
    return parse(text, sloppy=True) is not None


def is_ipv6(text: str) -> bool:
    """The format ipv6."""
    address, mark, zone = text.partition("%")
    return not mark and not zone and ":" in text and parse_ipv6(address, sloppy=False) is not None


def is_cidr(text: str) -> bool:
    """The format cidr."""
    address, mark, length = text.partition("/")
    if not mark or not _DIGITS.fullmatch(length) or len(length.lstrip("0")) > 3:
        return False
    if parse_ipv4(address, sloppy=True) is not None:
        return int(length) <= 32
    return parse_ipv6(address, sloppy=True) is not None and int(length) <= 128


def is_mac(text: str) -> bool:
    """The format mac: 6, 8 or 20 octets in one of four notations."""
    return _MAC.fullmatch(text) is not None
