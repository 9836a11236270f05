"""Letters about what a centre plans anew: another place instead of a lost one, a test that fell through, invitations."""

from datetime import datetime

from service.appointments import Appointment
from service.i18n import words
from service.letters import appointment, first_in_line, paragraphs, when_and_where
from service.mails import Draft


def booking_replaced(to: Appointment, base_url: str, *, new: Appointment) -> Draft:
    """The old booking's last letter, which names the new one; that one brings its own, with its own event."""
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("Another date for your test: %(unit)s", unit=w.label(to.unit_label)),
        w.gettext("We are sorry: this test cannot take place as planned."),
        when_and_where(to, w),
        w.gettext("The reason: %(reason)s", reason=to.reason) if to.reason else "",
        w.gettext("We have kept another place for you:"),
        when_and_where(new, w),
        w.gettext(
            "If that does not suit you, give it back. You then go first in line: %(link)s", link=new.page(base_url)
        ),
    )


def turned_away(to: Appointment, base_url: str, *, first: bool) -> Draft:
    """`first`: the centre answers for it, and the candidate goes first in line."""
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("Your test on %(day)s did not take place", day=w.day(to.starts_at)),
        w.gettext("We are sorry: it was not your fault that you could not take this test.")
        if first
        else w.gettext("You could not take this test. The centre has told you why."),
        when_and_where(to, w),
        first_in_line(to, base_url, w) if first else "",
        w.gettext("You can choose another date here: %(link)s", link=to.other_dates(base_url)),
    )


def turned_away_by_mistake(to: Appointment, base_url: str) -> Draft:
    """After the letter above: the place is theirs again, and the calendar shows it again."""
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("Your test on %(day)s: your place is yours again", day=w.day(to.starts_at)),
        w.gettext("We wrote to you that you could not take this test. That was our mistake, and we are sorry."),
        w.gettext("You have your place again. You do not have to look for another date, or wait for one:"),
        when_and_where(to, w),
        w.gettext(
            "If you have left already, or cannot come, call the centre or write to us: %(email)s", email=to.centre_email
        ),
    )


def invited_to_jury(to: Appointment, base_url: str, *, answer_by: datetime) -> Draft:
    w = words(to.person.language)
    return appointment(
        to,
        base_url,
        w.gettext("Can you come? Jury on %(day)s", day=w.day(to.starts_at)),
        w.gettext("The centre would like to have you in this jury. The time includes setting up and clearing away."),
        when_and_where(to, w),
        w.gettext(
            "Please answer by %(moment)s. Until then the seat is kept for you: %(link)s",
            moment=w.moment(answer_by),
            link=f"{base_url}/invitations",
        ),
        w.gettext("If you know one of the candidates, say no, please."),
    )


def invitation_answered(to: Appointment, language: str, *, answer: str, jury: str) -> Draft:
    """To the centre. `answer`: accepted, declined or lapsed; `jury`: the address of the page where it is chosen."""
    w = words(language)
    said = {
        "accepted": w.gettext("%(name)s has accepted", name=to.person.name),
        "declined": w.gettext("%(name)s cannot come", name=to.person.name),
        "lapsed": w.gettext("%(name)s has not answered in time", name=to.person.name),
    }[answer]
    return Draft(
        to.centre_email,
        f"{said}: {w.label(to.unit_label)}, {w.day(to.starts_at)}",
        paragraphs(
            said + ".",
            when_and_where(to, w),
            ""
            if answer == "accepted"
            else w.gettext("Choose somebody else: the page of the jury proposes the best. %(link)s", link=jury),
        ),
    )
