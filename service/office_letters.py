"""Who else hears of an appeal or a complaint: the centre, the administrators who act on it, the panel once it is over.

As in service/appeal_letters.py no result, no reason and no candidate is named: they are behind sign-in.
"""

from datetime import date
from uuid import UUID

import asyncpg

from service import letters, mails
from service.i18n import N_, words
from service.mails import Draft
from service.outbox import Event
from service.wiring import Running

# By topic: the subject, and what is to be done. `day`: the next deadline.
SAID = {
    "appeal.lodged": (
        N_("An appeal has come in"),
        N_("Somebody who had no part in the decision says by %(day)s whether it is in order."),
    ),
    "appeal.turned_down": (N_("An appeal is not admissible"), N_("It has ended, and the decision stays as it is.")),
    "appeal.withdrawn": (
        N_("An appeal was taken back"),
        N_("Nobody has to examine it any more. A meeting that was planned about it does not take place."),
    ),
    "appeal.settled": (
        N_("An appeal is settled"),
        N_("The candidate and the centre came to an agreement. The decision stays as it is."),
    ),
    "appeal.answered": (N_("An appeal has been answered"), N_("The answer and what follows from it are on its page.")),
    "mediation.planned": (
        N_("A meeting about an appeal is planned"),
        N_("The centre is expected there. When and where is on its page."),
    ),
    "complaint.lodged": (
        N_("A complaint has come in"),
        N_("Somebody who was not on the jury looks into it by %(day)s."),
    ),
    "complaint.withdrawn": (N_("A complaint was taken back"), N_("Nobody has to look into it any more.")),
}
TO_PANEL = ("appeal.withdrawn", "appeal.settled", "appeal.answered")


async def about_appeal(tx: asyncpg.Connection, event: Event, running: Running, *, until: date | None = None) -> None:
    """One step of an appeal, to its centre and the administrators; at its end to its panel too."""
    appeal_id = UUID(event.payload["appeal_id"])
    rows = await tx.fetch(
        """select c.email, null as speaks from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
           join scheduling.centres c on c.id = s.centre_id where b.id = $1
           union select email, language::text from service.accounts where role = 'administrator' and disabled_at is null
           union select a.email, a.languages[1] from assessments.appeal_reviewers r
                 join assessments.assessors a on a.id = r.assessor_id and a.retired_at is null
                 where r.appeal_id = $2 and $3 order by 1""",
        event.aggregate,
        appeal_id,
        event.topic in TO_PANEL,
    )
    page = f"{running.settings.base_url}/appeals/{appeal_id}"
    await _write(tx, event, running, rows, page, until)


async def about_complaint(tx: asyncpg.Connection, event: Event, running: Running, *, until: date | None = None) -> None:
    rows = await tx.fetch(
        """select c.email, null as speaks from assessments.complaints k join scheduling.centres c on c.id = k.centre_id
           where k.id = $1
           union select email, language::text from service.accounts where role = 'administrator' and disabled_at is null
           order by 1""",
        event.aggregate,
    )
    page = f"{running.settings.base_url}/centre/complaints/{event.aggregate}"
    await _write(tx, event, running, rows, page, until)


async def _write(
    tx: asyncpg.Connection, event: Event, running: Running, to: list[asyncpg.Record], page: str, until: date | None
) -> None:
    subject, said = SAID[event.topic]
    for row in to:
        w = words(row["speaks"] or running.settings.language)
        sentence = w.gettext(said, day=w.day(until)) if until else w.gettext(said)
        link = w.gettext("You find it here: %(link)s", link=page)
        draft = Draft(row["email"], w.gettext(subject), letters.paragraphs(w.gettext("Hello,"), sentence, link))
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())
