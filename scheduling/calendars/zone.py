"""Europe/Brussels, as calendars say it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Timezone, vDatetime

BRUSSELS = ZoneInfo("Europe/Brussels")

# One rule for each half of the year. icalendar's add_missing_timezones() writes lists of RDATEs instead,
# of which ical.js (Thunderbird, Nextcloud) reads only the first: every summer event an hour wrong.
BRUSSELS_RULES = """\
BEGIN:VTIMEZONE
TZID:Europe/Brussels
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""


def timezone() -> Timezone:
    """The VTIMEZONE for Europe/Brussels; true from October 1996 on."""
    zone = Timezone.from_ical(BRUSSELS_RULES)
    assert isinstance(zone, Timezone)
    return zone


def span(starts_at: datetime, ends_at: datetime) -> tuple[vDatetime, vDatetime]:
    """Both ends on the Brussels clock, or both in UTC if one falls into October's repeated hour.

    There a wall-clock time means two instants; RFC 5545 says the first, icalendar forgets which, and
    readers choose differently. UTC means one.
    """
    ends = starts_at.astimezone(BRUSSELS), ends_at.astimezone(BRUSSELS)
    if any(_repeated(end) for end in ends):
        return utc(starts_at), utc(ends_at)
    return vDatetime(ends[0]), vDatetime(ends[1])


def utc(moment: datetime) -> vDatetime:
    """The moment in UTC."""
    return vDatetime(moment.astimezone(UTC))


def _repeated(local: datetime) -> bool:
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
