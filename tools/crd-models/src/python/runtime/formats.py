"""The formats of texts that the API server checks; it ignores others.

kube-openapi, pkg/validation/strfmt; apiextensions-apiserver,
pkg/apiserver/validation/formats.go. Dashes in a format's name do not count.
"""

import re
import unicodedata
from collections.abc import Callable

from .addresses import is_cidr, is_ipv4, is_ipv6, is_mac
from .mail import is_email
from .times import is_date, is_date_time, parse_loose_duration
from .urls import parse_request

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_CREDIT_CARD = re.compile(
    r"4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11}"
)
_HEX_COLOR = re.compile(r"#?(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_SHADE = r"[\t\n\f\r ]*(?:0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])[\t\n\f\r ]*"
_RGB_COLOR = re.compile(rf"rgb\({_SHADE},{_SHADE},{_SHADE}\)")
# `a` stands for a letter of any script, `0` for a digit or a symbol.
_HOSTNAME = re.compile(r"[a0](?:-?[a0]{0,62})?|(?:[a0](?:[a0-]{0,61}[a0])?\.)+a{2,63}")
_ISBN10 = re.compile(r"[0-9]{9}[0-9X]")
_ISBN13 = re.compile(r"[0-9]{13}")
_OBJECT_ID = re.compile(r"[0-9A-Fa-f]{24}")
_SHORT_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_LONG_NAME = re.compile(rf"{_SHORT_NAME.pattern}(?:\.{_SHORT_NAME.pattern})*")
_SSN = re.compile(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}")


def is_base64(text: str) -> bool:
    """Standard base64 with padding; nothing is refused."""
    return _BASE64.fullmatch(text) is not None


def _is_credit_card(text: str) -> bool:
    digits = re.sub("[^0-9]+", "", text)
    if not _CREDIT_CARD.fullmatch(digits):
        return False
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _letter(char: str) -> str:
    if char in ".-":
        return char
    if char.isascii():
        return "a" if char.isalpha() else "0" if char.isdigit() or unicodedata.category(char)[0] == "S" else "!"
    return {"L": "a", "S": "0"}.get(unicodedata.category(char)[0], "!")


def _is_hostname(text: str) -> bool:
    if not _HOSTNAME.fullmatch("".join(map(_letter, text))):
        return False
    return len(text.encode()) <= 255 and all(len(label.encode()) <= 63 for label in text.split("."))


def _isbn_digits(text: str) -> str:
    return re.sub(r"[\t\n\f\r -]+", "", text)


def _is_isbn10(text: str) -> bool:
    digits = _isbn_digits(text)
    if not _ISBN10.fullmatch(digits):
        return False
    return sum((index + 1) * (10 if digit == "X" else int(digit)) for index, digit in enumerate(digits)) % 11 == 0


def _is_isbn13(text: str) -> bool:
    digits = _isbn_digits(text)
    return bool(_ISBN13.fullmatch(digits)) and sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits)) % 10 == 0


def _is_uuid(text: str, version: str = "", variant: str = "") -> bool:
    digit = "[0-9A-Fa-f]"
    third = f"{version}{digit}{{3}}" if version else f"{digit}{{4}}"
    fourth = f"[{variant}]{digit}{{3}}" if variant else f"{digit}{{4}}"
    return re.fullmatch(f"{digit}{{8}}-?{digit}{{4}}-?{third}-?{fourth}-?{digit}{{12}}", text) is not None


CHECKS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": lambda text: _OBJECT_ID.fullmatch(text) is not None,
    "byte": is_base64,
    "cidr": is_cidr,
    "creditcard": _is_credit_card,
    "date": is_date,
    "datetime": is_date_time,
    "duration": lambda text: parse_loose_duration(text) is not None,
    "email": is_email,
    "hexcolor": lambda text: _HEX_COLOR.fullmatch(text) is not None,
    "hostname": _is_hostname,
    "ipv4": is_ipv4,
    "ipv6": is_ipv6,
    "isbn": lambda text: _is_isbn10(text) or _is_isbn13(text),
    "isbn10": _is_isbn10,
    "isbn13": _is_isbn13,
    "k8slongname": lambda text: len(text) <= 253 and _LONG_NAME.fullmatch(text) is not None,
    "k8sshortname": lambda text: len(text) <= 63 and _SHORT_NAME.fullmatch(text) is not None,
    "mac": is_mac,
    "rgbcolor": lambda text: _RGB_COLOR.fullmatch(text) is not None,
    "ssn": lambda text: len(text) == 11 and _SSN.fullmatch(text) is not None,
    "uri": lambda text: parse_request(text) is not None,
    "uuid": _is_uuid,
    "uuid3": lambda text: _is_uuid(text, "3"),
    "uuid4": lambda text: _is_uuid(text, "4", "89abAB"),
    "uuid5": lambda text: _is_uuid(text, "5", "89abAB"),
}
