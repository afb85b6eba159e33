"""`ip`, `cidr` and `url`."""

from dataclasses import dataclass

from ..addresses import parse_ipv4, parse_ipv6
from ..urls import Url, parse, parse_request


@dataclass(frozen=True)
class Ip:
    """An address of 4 or 16 octets."""

    octets: bytes
    type_name = "net.IP"

    def to_string(self) -> str:
        """As Go writes it: the longest run of zeros is left out."""
        from ipaddress import ip_address

        return str(ip_address(self.octets))

    def number(self) -> int:
        """All bits."""
        return int.from_bytes(self.octets, "big")


@dataclass(frozen=True)
class Cidr:
    """A network."""

    address: Ip
    length: int
    type_name = "net.CIDR"

    def to_string(self) -> str:
        """`10.0.0.0/8`."""
        return f"{self.address.to_string()}/{self.length}"


def ip(text: str) -> Ip | None:
    """An address; neither a zone nor an IPv4 address inside IPv6."""
    octets = parse_ipv4(text, sloppy=False) or (parse_ipv6(text, sloppy=False) if ":" in text else None)
    if octets is None or (len(octets) == 16 and octets.startswith(bytes(10) + b"\xff\xff")):
        return None
    return Ip(octets)


def is_ip(text: str) -> bool:
    """Whether a text is an address."""
    return ip(text) is not None


def is_canonical(text: str) -> bool | None:
    """Whether an address is written as Go writes it."""
    found = ip(text)
    return None if found is None else found.to_string() == text


def family(address: Ip) -> int:
    """4 or 6."""
    return 4 if len(address.octets) == 4 else 6


def is_unspecified(address: Ip) -> bool:
    """0.0.0.0 or ::."""
    return not any(address.octets)


def is_loopback(address: Ip) -> bool:
    """127.0.0.0/8 or ::1."""
    return address.octets[0] == 127 if len(address.octets) == 4 else address.number() == 1


def is_link_local_multicast(address: Ip) -> bool:
    """224.0.0.0/24 or ff02::/16."""
    first = address.octets
    return first[:3] == b"\xe0\x00\x00" if len(first) == 4 else first[0] == 0xFF and first[1] & 0x0F == 2


def is_link_local_unicast(address: Ip) -> bool:
    """169.254.0.0/16 or fe80::/10."""
    first = address.octets
    return first[:2] == b"\xa9\xfe" if len(first) == 4 else first[0] == 0xFE and first[1] & 0xC0 == 0x80


def is_global_unicast(address: Ip) -> bool:
    """None of the special ones, private addresses included."""
    if len(address.octets) == 4 and (is_unspecified(address) or address.octets == b"\xff\xff\xff\xff"):
        return False
    is_multicast = address.octets[0] & 0xF0 == 0xE0 if len(address.octets) == 4 else address.octets[0] == 0xFF
    return not (is_unspecified(address) or is_loopback(address) or is_multicast or is_link_local_unicast(address))


def cidr(text: str) -> Cidr | None:
    """A network, whatever bits are set behind its length."""
    address, mark, length = text.rpartition("/")
    found = ip(address) if mark else None
    is_number = length.isascii() and length.isdigit() and (length == "0" or length[0] != "0")
    if found is None or not is_number or len(length) > 3 or int(length) > 8 * len(found.octets):
        return None
    return Cidr(found, int(length))


def is_cidr(text: str) -> bool:
    """Whether a text is a network."""
    return cidr(text) is not None


def _prefix(network: Cidr, length: int) -> tuple[int, int]:
    bits = 8 * len(network.address.octets)
    return bits, network.address.number() >> (bits - length)


def contains_ip(network: Cidr, address: Ip | str) -> bool | None:
    """Whether an address lies in a network; None if the text is no address."""
    found = ip(address) if isinstance(address, str) else address
    if found is None:
        return None
    return _prefix(network, network.length) == _prefix(Cidr(found, 0), network.length) if len(found.octets) == len(network.address.octets) else False


def contains_cidr(network: Cidr, other: Cidr | str) -> bool | None:
    """Whether a network lies in another; None if the text is no network."""
    found = cidr(other) if isinstance(other, str) else other
    if found is None:
        return None
    is_alike = len(found.address.octets) == len(network.address.octets) and network.length <= found.length
    return is_alike and _prefix(network, network.length) == _prefix(found, network.length)


def masked(network: Cidr) -> Cidr:
    """Without the bits behind its length."""
    bits, prefix = _prefix(network, network.length)
    return Cidr(Ip((prefix << (bits - network.length)).to_bytes(bits // 8, "big")), network.length)


def url(text: str) -> Url | None:
    """An absolute URL."""
    return parse(text)


def is_url(text: str) -> bool:
    """Whether a text is an absolute URL."""
    return parse_request(text) is not None
