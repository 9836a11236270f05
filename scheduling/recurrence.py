"""The days of a recurrence rule (RFC 5545, 3.3.10), as a calendar on the wall counts them."""

import re
from datetime import date, datetime, time, timedelta
from itertools import islice

from dateutil.rrule import rrulestr

from scheduling.refusals import RuleUnreadable, SeriesTooLong

MOST = 200
HORIZON = timedelta(days=732)
PARTS = re.compile(r"(FREQ|INTERVAL|COUNT|UNTIL|BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|WKST)=([A-Z0-9,+-]+)")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


def days(rule: str, first_day: date) -> list[date]:
    """The days of an RRULE from its first day on, at most MOST of them and within two years.

    The rule speaks of days only: the hour belongs to whoever asks. It begins with FREQ and must end by itself.
    Refuses RuleUnreadable and SeriesTooLong.
    """
    parts = dict(_part(each) for each in rule.upper().split(";"))
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    last = first_day + HORIZON if until is None else _day(until)
    if parts.get("FREQ") not in FREQUENCIES or (count is None) == (until is None):
        raise RuleUnreadable
    if not 0 < int(parts.get("INTERVAL", "1")) <= 400 or last > first_day + HORIZON:
        raise SeriesTooLong
    parts["UNTIL"] = f"{last:%Y%m%d}"  # always: a rule that never comes true would be looked for until the year 9999
    try:
        found = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=_midnight(first_day))
        listed = [moment.date() for moment in islice(found, min(int(count or MOST + 1), MOST + 1))]
    except ValueError as error:
        raise RuleUnreadable from error
    if not 0 < len(listed) <= MOST:
        raise SeriesTooLong
    return listed


def _part(text: str) -> tuple[str, str]:
    found = PARTS.fullmatch(text.strip())
    if found is None or (found[1] in ("INTERVAL", "COUNT") and not re.fullmatch(r"[0-9]{1,4}", found[2])):
        raise RuleUnreadable
    return found[1], found[2]


def _day(until: str) -> date:
    try:
        return date.fromisoformat(until[:8])
    except ValueError as error:
        raise RuleUnreadable from error


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
