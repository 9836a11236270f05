"""The letter that says a copy of one's data is ready. Only that it is there: it is read behind sign-in."""

from datetime import datetime

from service.appointments import Person
from service.i18n import words
from service.mails import Draft

CANDIDATES, ASSESSORS = "/privacy", "/record"  # where they fetch it


def export_ready(to: Person, link: str, *, until: datetime) -> Draft:
    w = words(to.language)
    said = (
        w.gettext("Hello %(name)s,", name=to.given_name),
        w.gettext(
            "You asked for a copy of your data. You can download it here until %(day)s: %(link)s",
            day=w.day(until),
            link=link,
        ),
        w.gettext("If you did not ask for it, sign in and end all your other sign-ins, or tell your centre."),
    )
    return Draft(to.email, w.gettext("The copy of your data is ready"), "\n\n".join(said) + "\n")
