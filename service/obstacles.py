"""Obstacles: whom or what a refusal met when sessions are planned, with names, for pages and for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from msgspec import Struct

from scheduling.closings import Closing
from scheduling.closures import Closure
from scheduling.drafts import Conflict
from scheduling.moves import Consequence
from scheduling.refusals import Refusal
from service.i18n import N_, Words
from service.problems import slug_of
from service.refusals import Explained


class Obstacle(Struct, frozen=True):
    """A rule by its slug (see /problems), what it is about, and the jury member or the booking that it keeps away."""

    problem: str
    about: str
    assessor_id: UUID | None = None
    booking_id: UUID | None = None


def about(one: Conflict, words: Words) -> str:
    """The person, the other session, or what keeps the room shut; "" where there is nothing to name."""
    return shut(one.closing, words) if one.closing else one.about


def briefly(one: Conflict, words: Words) -> str:
    """The same beside the day itself: of a closure its reason alone."""
    return one.closing.reason_in(words.language) if isinstance(one.closing, Closure) else about(one, words)


def shut(one: Closing, words: Words) -> str:
    """« Armistice, Tout le centre, mercredi 11 novembre 2026 », « ouvert le lundi de 8 h 00 à 17 h 00 »"""
    if not isinstance(one, Closure):
        day = words.weekdays()[one.weekday - 1]
        if not one.spans:
            return words.gettext(N_("not open on %(day)s"), day=day)
        return words.gettext(
            N_("open on %(day)s %(hours)s"), day=day, hours=words.series(words.hours(*span) for span in one.spans)
        )
    where = one.room_name or words.gettext("The whole centre")
    return ", ".join((one.reason_in(words.language), where, words.days(one.starts_at, one.ends_at)))


def of(one: Conflict, words: Words) -> Obstacle:
    return Obstacle(slug_of(one.rule), about(one, words), one.seat.assessor_id if one.seat else None, one.booking_id)


def of_move(met: Consequence, words: Words) -> list[Obstacle]:
    """Of a move that is refused."""
    assert met.refusal is not None
    return [Obstacle(slug_of(met.refusal), name) for name in _names(met, words)]


def said_of_move(met: Consequence, words: Words) -> str:
    """The same for a page, to follow its sentence."""
    names = _names(met, words)
    return f" ({words.series(names)})" if names else ""


def _names(met: Consequence, words: Words) -> list[str]:
    return [shut(met.closing, words)] if met.closing else list(met.who)


@contextmanager
def named(words: Words) -> Iterator[None]:
    """Around an order: a refusal that carries what it met is raised with it (`obstacles`); every other one as it is."""
    try:
        yield
    except Refusal as refusal:
        met = [of(one, words) for one in refusal.args if isinstance(one, Conflict)]
        if not met:
            raise
        raise Explained(refusal, {"obstacles": met}) from refusal
