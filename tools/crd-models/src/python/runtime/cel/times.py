"""What CEL asks of timestamps and durations."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from ..times import CYCLE, SECOND
from .values import Duration, Timestamp

_OFFSET = re.compile("([+-]?[0-9]+):([+-]?[0-9]+)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _zone(name: str) -> tzinfo | None:
    """A zone by its name, or by its distance from UTC."""
    match = _OFFSET.fullmatch(name)
    if match:
        hours, minutes = int(match[1]), int(match[2])
        if not 0 <= minutes <= 59 or abs(hours) > 23:
            return None
        return timezone(timedelta(minutes=hours * 60 + (-minutes if name[0] == "-" else minutes)))
    if ":" in name:
        return None
    if name in ("", "UTC"):
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _cycles(seconds: int) -> int:
    """How many cycles of the calendar bring a moment where Python's times cannot overflow in any zone."""
    years = seconds // (366 * 86_400)
    return 1 if years < -1900 else -1 if years > 7900 else 0


def _moment(value: Timestamp, zone: str) -> datetime | None:
    """A moment in a zone, some cycles of the calendar away; all but the year is the same there."""
    found = _zone(zone)
    days = CYCLE * _cycles(value // SECOND)
    # Python's times have microseconds; what is below does not change any of their parts.
    return None if found is None else (_EPOCH + timedelta(days, microseconds=value // 1000)).astimezone(found)


def full_year(value: Timestamp, zone: str = "") -> int | None:
    """The year."""
    moment = _moment(value, zone)
    return moment and moment.year - 400 * _cycles(value // SECOND)


def month(value: Timestamp, zone: str = "") -> int | None:
    """The month, from 0."""
    moment = _moment(value, zone)
    return moment and moment.month - 1


def day_of_year(value: Timestamp, zone: str = "") -> int | None:
    """The day of the year, from 0."""
    moment = _moment(value, zone)
    return moment and moment.timetuple().tm_yday - 1


def day_of_month(value: Timestamp, zone: str = "") -> int | None:
    """The day of the month, from 0."""
    moment = _moment(value, zone)
    return moment and moment.day - 1


def date(value: Timestamp, zone: str = "") -> int | None:
    """The day of the month, from 1."""
    moment = _moment(value, zone)
    return moment and moment.day


def day_of_week(value: Timestamp, zone: str = "") -> int | None:
    """The day of the week, from 0 for Sunday."""
    moment = _moment(value, zone)
    return moment and moment.isoweekday() % 7


def hours(value: Timestamp | Duration, zone: str = "") -> int | None:
    """The hour of a time, or the whole hours of a duration."""
    if isinstance(value, Duration):
        return _whole(value, 3600 * SECOND)
    moment = _moment(value, zone)
    return moment and moment.hour


def minutes(value: Timestamp | Duration, zone: str = "") -> int | None:
    """The minute of a time, or the whole minutes of a duration."""
    if isinstance(value, Duration):
        return _whole(value, 60 * SECOND)
    moment = _moment(value, zone)
    return moment and moment.minute


def seconds(value: Timestamp | Duration, zone: str = "") -> int | None:
    """The second of a time, or the whole seconds of a duration."""
    if isinstance(value, Duration):
        return _whole(value, SECOND)
    moment = _moment(value, zone)
    return moment and moment.second


def milliseconds(value: Timestamp | Duration, zone: str = "") -> int | None:
    """The milliseconds of a time's second, or all of a duration."""
    if isinstance(value, Duration):
        return _whole(value, 10**6)
    return None if _zone(zone) is None else value % SECOND // 10**6


def _whole(value: int, unit: int) -> int:
    whole = abs(value) // unit
    return -whole if value < 0 else whole


def rfc3339(value: Timestamp) -> str:
    """`2006-01-02T15:04:05.999999999Z`, in the zone it was written in."""
    whole, rest = divmod(value + value.offset * SECOND, SECOND)
    cycles = _cycles(whole)
    moment = _EPOCH + timedelta(CYCLE * cycles, seconds=whole)
    fraction = f".{rest:09d}".rstrip("0") if rest else ""
    return f"{moment.year - 400 * cycles:04d}{moment:-%m-%dT%H:%M:%S}{fraction}{_offset(value.offset)}"


def _offset(seconds: int) -> str:
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}" if seconds else "Z"
