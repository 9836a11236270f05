"""The clock on the wall in Brussels, and the moments it shows."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def moments(day: date, at: time) -> list[datetime]:
    """The moments (UTC, earlier first) at which a clock in Brussels shows this: none in the hour that is left out in
    spring, two in the hour that comes twice in autumn."""
    shown = datetime.combine(day, at)
    found = {shown.replace(tzinfo=BRUSSELS, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(moment for moment in found if moment.astimezone(BRUSSELS).replace(tzinfo=None, fold=0) == shown)
