"""The letters around a correction: a link to the new address, word to the old one, and word of a new date of birth."""

import asyncpg

from assessments import candidates
from assessments.candidates import Candidate
from service import mails, rectifications
from service.i18n import words
from service.mails import Draft
from service.outbox import Event
from service.rectifications import Rectification
from service.settings import secret
from service.wiring import Running


async def asked(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """Somebody should read this at the new address, and press a button."""
    wish = await rectifications.get(tx, event.aggregate)
    if wish is None or wish.email is None or wish.expires_at is None or wish.expires_at <= running.now():
        return
    to = await candidates.get(tx, wish.candidate_id)
    token = rectifications.token_of(secret(running.settings), wish.id)
    draft = _link(to, wish, f"{running.settings.base_url}/address/{token}")
    await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def carried_out(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The address that gets no more letters gets one more; of a date of birth the candidate is told."""
    done = await rectifications.get(tx, event.aggregate)
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
