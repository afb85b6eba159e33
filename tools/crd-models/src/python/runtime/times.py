"""Dates, times and durations as Go reads and writes them, in whole nanoseconds."""

import re
from datetime import UTC, date, datetime, timedelta

SECOND = 10**9
# The days of 400 years, after which the calendar repeats.
CYCLE = 146_097
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]+)")
_LOOSE_PART = re.compile(r"([0-9]+)[\t\n\f\r ]*([A-Za-zµ]+)")
# Of each unit every name but the last must be met whole, of the last one the beginning (strfmt, duration.go).
_LOOSE_UNITS = (
    (("ns", "nano"), 1),
    (("us", "µs", "micro"), 10**3),
    (("ms", "milli"), 10**6),
    (("s", "sec"), SECOND),
    (("m", "min"), 60 * SECOND),
    (("h", "hr", "hour"), 3600 * SECOND),
    (("d", "day"), 24 * 3600 * SECOND),
    (("w", "wk", "week"), 7 * 24 * 3600 * SECOND),
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})")
_RFC3339 = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})")
_EPOCH = date(1970, 1, 1).toordinal()
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_int64(value: int) -> bool:
    """Whether 64 bits can hold an integer."""
    # Ranges are slow to tell of subclasses of int.
    return -(2**63) <= value < 2**63


def parse_duration(text: str) -> int | None:
    """`time.ParseDuration`: `1h30m`, `-1.5s`, `0`."""
    negative = text.startswith("-")
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    total = at = 0
    while at < len(rest):
        match = _PART.match(rest, at)
        if match is None or not (match[1] or match[2]) or match[3] not in _UNITS:
            return None
        unit = _UNITS[match[3]]
        total += int(match[1] or "0") * unit
        if match[2]:
            # Go keeps the digits that an int64 holds, and multiplies as floats.
            digits = match[2][:18]
            total += int(float(int(digits)) * (unit / float(10 ** len(digits))))
        at = match.end()
    total = -total if negative else total
    return total if rest and is_int64(total) else None


def parse_loose_duration(text: str) -> int | None:
    """`strfmt.ParseDuration`: Go's notation, or numbers with units anywhere in the text (`3 days`)."""
    exact = parse_duration(text)
    if exact is not None:
        return exact
    total, found = 0, False
    for digits, word in _LOOSE_PART.findall(text):
        number, unit = int(digits), word.lower()
        if not is_int64(number):
            return None
        for names, size in _LOOSE_UNITS:
            hits = (unit in names[:-1]) + unit.startswith(names[-1])
            total += hits * number * size
            found = found or hits > 0
    return (total + 2**63) % 2**64 - 2**63 if found else None


def duration_text(duration: int) -> str:
    """Go's notation of a duration in nanoseconds."""
    size = abs(duration)
    sign = "-" if duration < 0 else ""
    if size < SECOND:
        for unit, name in ((1, "ns"), (10**3, "µs"), (10**6, "ms")):
            if size < unit * 1000:
                return "0s" if size == 0 else f"{sign}{_decimal(size, unit)}{name}"
    minutes, rest = divmod(size, 60 * SECOND)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(rest, SECOND)}s"
    if hours:
        text = f"{hours}h{minutes}m{text}"
    elif minutes:
        text = f"{minutes}m{text}"
    return sign + text


def _decimal(number: int, unit: int) -> str:
    whole, rest = divmod(number, unit)
    fraction = str(rest).zfill(len(str(unit)) - 1).rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)


def is_date(text: str) -> bool:
    """`2006-01-02`."""
    return parse_date(text) is not None


def parse_date(text: str) -> int | None:
    """The days since 1970; the year may be 0000, which Python's dates have not."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    if not 1 <= month <= 12:
        return None
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    most = 29 if month == 2 and is_leap else _DAYS[month - 1]
    if not 1 <= day <= most:
        return None
    shift = 0 if year else 1
    return date(year + 400 * shift, month, day).toordinal() - CYCLE * shift - _EPOCH


def is_date_time(text: str) -> bool:
    """The format date-time, which is looser than RFC 3339: small letters, and what follows a second `t` does not count."""
    parts = text.lower().split("t")
    if len(text) < 4 or len(parts) < 2 or not is_date(parts[0]):
        return False
    clock = _CLOCK.fullmatch(parts[1])
    return clock is not None and clock[1] <= "23" and clock[2] <= "59" and clock[3] <= "59"


def parse_rfc3339(text: str) -> tuple[int, int] | None:
    """`time.Parse(time.RFC3339, …)`: nanoseconds since 1970, and the seconds of its zone from UTC."""
    match = _RFC3339.fullmatch(text)
    days = parse_date(match[1]) if match else None
    if match is None or days is None:
        return None
    hour, minute, second = int(match[2]), int(match[3]), int(match[4])
    zone = match[6]
    offset_hour, offset_minute = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[4:]))
    if hour > 23 or minute > 59 or second > 59 or offset_hour > 24 or offset_minute > 60:
        return None
    nanoseconds = int((match[5] or "")[:9].ljust(9, "0"))
    offset = (offset_hour * 60 + offset_minute) * 60 * (-1 if zone[0] == "-" else 1)
    return (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * SECOND + nanoseconds, offset


def time_text(moment: datetime) -> str:
    """RFC 3339; a time without a zone is taken for UTC."""
    text = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def timedelta_text(duration: timedelta) -> str:
    """Go's notation of a Python duration."""
    microseconds = duration // timedelta(microseconds=1)
    return duration_text(microseconds * 1000)
