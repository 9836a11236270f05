"""Letters about a draw, to those who got no place; who got one has the letter that every booking brings."""

from uuid import UUID

import asyncpg

from assessments import schemes
from scheduling import asks, openings
from scheduling.refusals import GuidanceRequired
from service import agenda, appointments, guidance
from service.appointments import Person
from service.i18n import Words, words
from service.mails import Draft
from service.problems import everything, slug_of


async def about_ask(tx: asyncpg.Connection, opening_id: UUID, candidate_id: UUID, base_url: str) -> Draft | None:
    """What the draw meant for somebody who asked; None for who got a place, or is erased."""
    person = await appointments.candidate(tx, candidate_id)
    ask = await asks.of_candidate(tx, opening_id, candidate_id)
    if person is None or ask is None or ask.booking_id is not None:
        return None
    w = words(person.language)
    why = await reason(tx, ask, w)
    return Draft(
        person.email,
        w.gettext("The draw: no place this time"),
        _paragraphs(
            w.gettext("Hello %(name)s,", name=person.given_name),
            w.gettext("The places you asked for were drawn. You did not get one."),
            await _which(tx, opening_id, w),
            w.gettext("The reason: %(reason)s", reason=why)
            if why
            else w.gettext("More people asked than there were places, and the lot fell to others."),
            w.gettext("Anybody can check the draw here: %(link)s", link=f"{base_url}/openings/{opening_id}"),
            w.gettext("You can choose another date here: %(link)s", link=f"{base_url}/sessions"),
        ),
    )


async def reason(tx: asyncpg.Connection, ask: asks.Ask, w: Words) -> str:
    """Why somebody fell out of the draw; empty where that is not why they got no place."""
    problem = everything().get(ask.refusal or "")
    if problem is None:
        return ""
    advice = w.gettext(problem.advice)
    if ask.refusal == slug_of(GuidanceRequired):
        line = await agenda.session(tx, (await openings.get(tx, ask.opening_id)).session_id)
        advice = guidance.comes_first((await schemes.get(tx, line.scheme)).failures_before_guidance, w)
    return f"{w.gettext(problem.title)}. {advice}"


async def called_off(tx: asyncpg.Connection, opening_id: UUID, base_url: str) -> list[Draft]:
    """To everybody who asked."""
    people = [await appointments.candidate(tx, ask.candidate_id) for ask in await asks.of_opening(tx, opening_id)]
    return [await _called_off(tx, opening_id, person, base_url) for person in people if person is not None]


async def _called_off(tx: asyncpg.Connection, opening_id: UUID, person: Person, base_url: str) -> Draft:
    w = words(person.language)
    return Draft(
        person.email,
        w.gettext("There will be no draw"),
        _paragraphs(
            w.gettext("Hello %(name)s,", name=person.given_name),
            w.gettext("We are sorry: the draw of places that you asked for was called off."),
            await _which(tx, opening_id, w),
            w.gettext("You can choose another date here: %(link)s", link=f"{base_url}/sessions"),
        ),
    )


async def _which(tx: asyncpg.Connection, opening_id: UUID, w: Words) -> str:
    line = await agenda.session(tx, (await openings.get(tx, opening_id)).session_id)
    return f"{w.label(line.unit_label)}\n{w.span(line.starts_at, line.ends_at)}\n{line.centre_name}"


def _paragraphs(*said: str) -> str:
    return "\n\n".join(said) + "\n"
