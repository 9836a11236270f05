"""Obstacles: whom or what a refusal met when sessions are planned, with names, for pages and for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from msgspec import Struct

from scheduling.closures import Closure
from scheduling.drafts import Conflict
from scheduling.moves import Consequence
from scheduling.refusals import Refusal
from service.i18n import Words
from service.problems import slug_of
from service.refusals import Explained


class Obstacle(Struct, frozen=True):
    """A rule by its slug (see /problems), what it is about, and the jury member or the booking that it keeps away."""

    problem: str
    about: str
    assessor_id: UUID | None = None
    booking_id: UUID | None = None


def about(one: Conflict, words: Words) -> str:
    """The person, the other session, or what closes the room; "" where there is nothing to name."""
    return closed(one.closure, words) if one.closure else one.about


def closed(one: Closure, words: Words) -> str:
    """« Armistice, Tout le centre, mercredi 11 novembre 2026 »"""
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
    return [closed(met.closure, words)] if met.closure else list(met.who)


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
