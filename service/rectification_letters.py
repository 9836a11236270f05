"""The letters around a correction: a link to the new address, word to the old one, and word of a new date of birth; and of
an address that staff asked for, word to the old one before anything changes, and to the centre."""

import asyncpg

from assessments import candidates
from assessments.candidates import Candidate
from scheduling import centres
from service import mails, rectification_readings
from service.i18n import Words, words
from service.mails import Draft
from service.outbox import Event
from service.rectification_readings import Rectification
from service.settings import secret
from service.wiring import Running


async def asked(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Somebody should read this at the new address, and press a button."""
    wish = await rectification_readings.get(tx, event.aggregate)
    if wish is None or wish.email is None or wish.expires_at is None or wish.expires_at <= running.now():
        return
    if wish.ended_at is not None:
        return
    to = await candidates.get(tx, wish.candidate_id)
    token = rectification_readings.token_of(secret(running.settings), wish.id)
    draft = _link(to, wish, f"{running.settings.base_url}/address/{token}")
    await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def announced(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Staff asked for another address: the old one can stop it, and the centre's managers approve it or do not."""
    wish = await rectification_readings.get(tx, event.aggregate)
    if wish is None or wish.ripe_at is None or wish.ended_at is not None:
        return
    to = await candidates.get(tx, wish.candidate_id)
    token = rectification_readings.stop_token_of(secret(running.settings), wish.id)
    draft = _warning(to, wish, f"{running.settings.base_url}/address/stop/{token}")
    await mails.write(tx, draft, outbox_id=event.id, now=running.now())
    if (centre := await _centre(tx, wish)) is not None:
        page = f"{running.settings.base_url}/centre/bookings/{wish.seen_booking_id}/identity"
        request = _to_approve(centre, page, words(running.settings.language))
        await mails.write(tx, request, outbox_id=event.id, now=running.now())


async def stopped(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The centre hears that somebody asked for what the candidate does not want; of their own wish nobody hears."""
    wish = await rectification_readings.get(tx, event.aggregate)
    if wish is None or wish.ripe_at is None:
        return
    if (centre := await _centre(tx, wish)) is not None:
        page = f"{running.settings.base_url}/centre/bookings/{wish.seen_booking_id}/identity"
        draft = _was_stopped(centre, page, wish, words(running.settings.language))
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def _centre(tx: asyncpg.Connection, wish: Rectification) -> str | None:
    """Where the centre reads mail at which the candidate showed who they are."""
    centre_id = await tx.fetchval(
        """select s.centre_id from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           where b.id = $1""",
        wish.seen_booking_id,
    )
    return None if centre_id is None else (await centres.get(tx, centre_id)).email


async def carried_out(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The address that gets no more letters gets one more; of a date of birth the candidate is told."""
    done = await rectification_readings.get(tx, event.aggregate)
    if done is None:
        return
    to = await candidates.get(tx, done.candidate_id)
    if to.erased_at is None:
        draft = _farewell(to, done.former) if done.former else _birth_date(to)
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


def _link(to: Candidate, wish: Rectification, link: str) -> Draft:
    assert wish.email
    assert wish.expires_at
    w = words(to.language)
    said = (
        w.gettext("Hello,"),
        w.gettext(
            "Somebody asked that Preuve write to this address from now on. If it was you, confirm it here: %(link)s",
            link=link,
        ),
        w.gettext("The link works once, until %(moment)s.", moment=w.moment(wish.expires_at)),
        w.gettext("If it was not you, do nothing: nothing changes, and we do not write here again."),
    )
    return Draft(wish.email, w.gettext("Confirm your new email address"), "\n\n".join(said) + "\n")


def _warning(to: Candidate, wish: Rectification, link: str) -> Draft:
    assert wish.ripe_at
    w = words(to.language)
    said = (
        w.gettext("Hello %(name)s,", name=to.given_name),
        w.gettext(
            "A test centre asked us to send your letters and your sign-in links to another email address from now on. "
            "It says that you were there and showed your identity document."
        ),
        w.gettext("If this is not what you want, stop it here: %(link)s", link=link),
        w.gettext(
            "If it is, do nothing. Nothing changes before %(moment)s; then we send a link to the new address.",
            moment=w.moment(wish.ripe_at),
        ),
    )
    return Draft(to.email, w.gettext("Somebody wants to change your email address"), "\n\n".join(said) + "\n")


def _to_approve(centre: str, page: str, w: Words) -> Draft:
    said = (
        w.gettext(
            "Somebody of your centre asked for another email address for a candidate. Whoever reads that address has the "
            "candidate's account."
        ),
        w.gettext(
            "A manager who did not ask for it looks at it here, and approves it or does nothing: %(link)s", link=page
        ),
    )
    return Draft(centre, w.gettext("A new email address waits for a manager"), "\n\n".join(said) + "\n")


def _was_stopped(centre: str, page: str, wish: Rectification, w: Words) -> Draft:
    said = (
        w.gettext(
            "The candidate stopped the change of their email address that somebody of your centre asked for on %(moment)s.",
            moment=w.moment(wish.asked_at),
        ),
        w.gettext("Find out who asked for it, and why: the audit trail names them. The booking: %(link)s", link=page),
    )
    return Draft(centre, w.gettext("A candidate stopped a change of address"), "\n\n".join(said) + "\n")


def _farewell(to: Candidate, former: str) -> Draft:
    w = words(to.language)
    said = (
        w.gettext("Hello %(name)s,", name=to.given_name),
        w.gettext("Your email address was changed. From now on our letters and your sign-in links go to the new one."),
        w.gettext("If it was not you, tell your centre at once: somebody may be using your account."),
    )
    return Draft(former, w.gettext("Your email address was changed"), "\n\n".join(said) + "\n")


def _birth_date(to: Candidate) -> Draft:
    w = words(to.language)
    said = (
        w.gettext("Hello %(name)s,", name=to.given_name),
        w.gettext("Your date of birth was corrected, after your centre looked at your identity document."),
        w.gettext("You find it under My data. If it is wrong, tell your centre."),
    )
    return Draft(to.email, w.gettext("Your date of birth was corrected"), "\n\n".join(said) + "\n")
