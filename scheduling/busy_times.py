"""When an assessor's own calendar is busy: read from an .ics file, kept without titles or places."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from dateutil.rrule import rruleset, rrulestr
from icalendar import Calendar

from scheduling.clock import BRUSSELS
from scheduling.refusals import CalendarUnreadable

LARGEST = 1_000_000  # bytes
MOST = 2_000  # busy times
AHEAD = timedelta(days=400)

Span = tuple[datetime, datetime]


async def replace(tx: asyncpg.Connection, assessor_id: UUID, spans: list[Span], *, now: datetime) -> int:
    """Keep these busy times in the place of those of the last import; return how many they are."""
    await tx.execute("delete from scheduling.busy_times where assessor_id = $1", assessor_id)
    await tx.execute(
        """insert into scheduling.busy_times (assessor_id, during, imported_at)
           select $1, tstzrange(s, e), $4 from unnest($2::timestamptz[], $3::timestamptz[]) as t (s, e)""",
        assessor_id,
        [starts_at for starts_at, _ in spans],
        [ends_at for _, ends_at in spans],
        now,
    )
    return len(spans)


async def count(tx: asyncpg.Connection, assessor_id: UUID, *, now: datetime) -> int:
    """How many busy times of the last import are still to come."""
    return int(
        await tx.fetchval(
            "select count(*) from scheduling.busy_times where assessor_id = $1 and upper(during) > $2", assessor_id, now
        )
    )


def read(content: bytes, *, now: datetime) -> list[Span]:
    """The busy times of a calendar file from now on for AHEAD, repetitions spelled out, overlapping ones joined.

    Cancelled and transparent events are left out; an event of whole days is busy from midnight to midnight in Brussels,
    and so is a time without a zone. Refuses CalendarUnreadable.
    """
    if len(content) > LARGEST:
        raise CalendarUnreadable
    try:
        events: list[Any] = [
            event for calendar in Calendar.from_ical(content, multiple=True) for event in calendar.walk("VEVENT")
        ]
        moved = {
            (str(event.get("UID")), _moment(event["RECURRENCE-ID"].dt)) for event in events if "RECURRENCE-ID" in event
        }
        found = [span for event in events if _is_busy(event) for span in _spans(event, moved, now)]
    except (ValueError, KeyError, AttributeError, TypeError, OverflowError, IndexError) as error:
        raise CalendarUnreadable from error
    if not events or len(found) > MOST:
        raise CalendarUnreadable
    return _joined(sorted(found))


def _is_busy(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() != "CANCELLED" and str(event.get("TRANSP", "")).upper() != "TRANSPARENT"


def _spans(event: Any, moved: set[tuple[str, datetime]], now: datetime) -> list[Span]:
    """The event's own times. What one repetition was moved to is an event of its own, and its old time is free."""
    first = event.start
    length = event.end - first
    starts = _repeated(event, first, now) if "RRULE" in event else [_moment(first)]
    if "RECURRENCE-ID" not in event:
        starts = [each for each in starts if (str(event.get("UID")), each) not in moved]
    whole_days = not isinstance(first, datetime)
    spans = [(each, _later(each, length, whole_days=whole_days)) for each in starts]
    return [
        (starts_at, ends_at)
        for starts_at, ends_at in spans
        if ends_at > max(now, starts_at) and starts_at < now + AHEAD
    ]


def _repeated(event: Any, first: date | datetime, now: datetime) -> list[datetime]:
    """By the wall clock of its own zone: a weekly nine o'clock stays nine o'clock when the clock changes."""
    zone = (first.tzinfo if isinstance(first, datetime) else None) or BRUSSELS
    begin = _midnight(first).replace(tzinfo=None) if not isinstance(first, datetime) else first.replace(tzinfo=None)
    rules = event["RRULE"] if isinstance(event["RRULE"], list) else [event["RRULE"]]
    last = (now + AHEAD).astimezone(zone).replace(tzinfo=None)
    found = rruleset()
    for rule in rules:
        if str(rule.get("FREQ", [""])[0]) not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
            raise CalendarUnreadable
        until = [_moment(each).astimezone(zone).replace(tzinfo=None) for each in rule.get("UNTIL", [])]
        text = ";".join(part for part in rule.to_ical().decode().split(";") if not part.startswith("UNTIL"))
        bound = min([*until, last]) if "COUNT" not in rule else None
        parsed: Any = rrulestr(text, dtstart=begin)
        found.rrule(parsed.replace(until=bound) if bound is not None else parsed)
    for each in _excluded(event):
        found.exdate(_moment(each).astimezone(zone).replace(tzinfo=None))
    listed = []
    for number, each in enumerate(found):
        if each > last or number > 20 * MOST:
            break
        listed.append(each.replace(tzinfo=zone))
    return listed


def _excluded(event: Any) -> list[date | datetime]:
    given = event.get("EXDATE", [])
    return [each.dt for group in (given if isinstance(given, list) else [given]) for each in group.dts]


def _moment(when: date | datetime) -> datetime:
    if not isinstance(when, datetime):
        return _midnight(when)
    return when if when.tzinfo is not None else when.replace(tzinfo=BRUSSELS)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)


def _later(starts_at: datetime, length: timedelta, *, whole_days: bool) -> datetime:
    """Whole days end at a midnight by the clock; hours are hours."""
    if whole_days:
        return starts_at + length  # the arithmetic of a zone is that of its wall clock
    return starts_at.astimezone(UTC) + length


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for starts_at, ends_at in spans:
        if joined and starts_at <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends_at))
        else:
            joined.append((starts_at, ends_at))
    return joined


async def erase(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """Of an erased assessor: when they were busy."""
    await tx.execute("delete from scheduling.busy_times where assessor_id = $1", assessor_id)


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` busy times that were over before; return how many."""
    status = await tx.execute(
        """delete from scheduling.busy_times where id in (
               select b.id from scheduling.busy_times b where upper(b.during) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
