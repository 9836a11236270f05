"""Deadlines on pages: how many working days are left, and how many of a list are late."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol

from assessments import working_days


class Due(Protocol):
    """What has a next deadline."""

    def is_late(self, today: date) -> bool: ...


def told(now: datetime, listed: Sequence[Due] = ()) -> dict[str, Any]:
    """For a template: the day of Brussels, the working days left until a day, and how many of these are late."""
    today = working_days.today(now)
    return {
        "today": today,
        "left": partial(working_days.left, now),
        "late": sum(one.is_late(today) for one in listed),
    }
