"""Working days: no weekend and no Belgian public holiday, Brussels time. Nothing else of ours counts in them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
from msgspec import Struct

BRUSSELS = ZoneInfo("Europe/Brussels")


class Deadlines(Struct, frozen=True):
    """How many working days there are to say whether an appeal is admissible, to take a complaint up, to answer it."""

    ruling: int = 5
    taking_up: int = 5
    complaint: int = 20


USUAL = Deadlines()


def after(moment: datetime, days: int) -> date:
    """The last of so many working days after the day of the moment, which does not count itself."""
    free = holidays.country_holidays("BE")
    day = today(moment)
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free:
            days -= 1
    return day


def left(moment: datetime, last: date) -> int:
    """How many working days are left after the day of the moment until the last one, that one included; 0 once late."""
    free = holidays.country_holidays("BE")
    days = (today(moment) + timedelta(days=ahead + 1) for ahead in range((last - today(moment)).days))
    return sum(day.weekday() < 5 and day not in free for day in days)


def today(moment: datetime) -> date:
    return moment.astimezone(BRUSSELS).date()


def next_deadline(first: date | None, last: date, *, is_over: bool) -> date | None:
    """The next day by which somebody has to act: the first step's, None once it is taken, then the last; None at the end."""
    return None if is_over else first or last
