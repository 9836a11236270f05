"""From what a clock in Brussels shows to the moment that is meant, and back."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol

from scheduling.clock import BRUSSELS, moments
from service.i18n import N_, Words

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # for moments that may lie in the past

Fault = Literal["no_day", "no_time", "skipped", "repeated", "past"]

# At which field of a form a fault is said, and how.
SAID: dict[Fault, tuple[str, str]] = {
    "no_day": ("day", N_("Choose a day")),
    "no_time": ("at", N_("Give a time, for example 09:00")),
    "skipped": ("at", N_("There is no such time on that day: the clocks go forward one hour. Choose another time.")),
    "repeated": ("which", N_("The clocks go back on that day, so this time comes twice. Say which one you mean.")),
    "past": ("day", N_("This moment has passed. Choose a later one.")),
}


class Typed(Protocol):
    """The fields of a moment, in whichever form: "2026-10-25", "02:30", and "first" or "second" where that comes twice."""

    @property
    def day(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def which(self) -> str: ...


def asked(typed: Typed, words: Words, *, now: datetime) -> datetime | dict[str, str]:
    """The moment (UTC) that a form asks for; or what is wrong with its fields, all at once, in the reader's language."""
    found = choose(typed.day, typed.at, typed.which, now=now)
    if isinstance(found, datetime):
        return found
    faults: list[Fault] = [found, "no_time"] if found == "no_day" and _time(typed.at) is None else [found]
    return {field: words.gettext(said) for field, said in map(SAID.__getitem__, faults)}


def choose(day: str, at: str, which: str, *, now: datetime) -> datetime | Fault:
    """The moment (UTC) of "2026-10-25" and "02:30"; `which` is "first" or "second" where that time comes twice."""
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        return "no_day"
    shown = _time(at)
    if shown is None:
        return "no_time"
    if not 2000 <= chosen.year < 2100 or shown.tzinfo is not None:
        return "no_day"
    found = moments(chosen, shown)
    if not found:
        return "skipped"
    if len(found) == 2 and which not in ("first", "second"):
        return "repeated"
    moment = found[-1 if which == "second" else 0]
    return moment if moment > now else "past"


def _time(at: str) -> time | None:
    try:
        return time.fromisoformat(at)
    except ValueError:
        return None


def first(day: str, at: str) -> datetime | None:
    """The moment (UTC) that was typed, also a past one, the first of two; None where it says no moment."""
    found = choose(day, at, "first", now=LONG_AGO)
    return found if isinstance(found, datetime) else None


def until(day: str, at: str) -> datetime | None:
    """The end that was typed; without a time the end of that day."""
    if at:
        return first(day, at)
    try:
        return first((date.fromisoformat(day) + timedelta(days=1)).isoformat(), "00:00")
    except (ValueError, OverflowError):
        return None


def typed(starts_at: datetime, ends_at: datetime | None) -> dict[str, str]:
    """What somebody would have typed into the fields of a beginning and an end; no end is left empty."""
    begin, end = starts_at.astimezone(BRUSSELS), ends_at and ends_at.astimezone(BRUSSELS)
    return {
        "from_day": begin.date().isoformat(),
        "from_at": f"{begin:%H:%M}",
        "to_day": end.date().isoformat() if end else "",
        "to_at": f"{end:%H:%M}" if end else "",
    }
