"""What the mails about appeals, mediations, new tests and complaints say. Neither a result nor a reason is ever in one:
they are behind sign-in."""

from datetime import date, timedelta
from urllib.parse import urlsplit

from assessments.mediations import Mediation
from scheduling import calendars
from service import letters
from service.appointments import Person
from service.i18n import N_, Words, words
from service.mails import Draft


def lodged(to: Person, page: str, *, admissible_by: date | None, due_on: date) -> Draft:
    w = words(to.language)
    form = w.gettext(
        "First we look whether it is in order. You will know by %(day)s.", day=w.day(admissible_by or due_on)
    )
    return _plain(
        to,
        w.gettext("We have received your appeal"),
        form,
        w.gettext(
            "Then somebody who had no part in the decision will examine it. "
            "You will have an answer by %(day)s at the latest.",
            day=w.day(due_on),
        ),
        w.gettext("Here you see how far it is: %(link)s", link=page),
    )


# What is said at the other steps of an appeal, and of a complaint: the subject, and what follows.
APPEAL = {
    "appeal.admitted": (
        N_("Your appeal is in order"),
        N_("Now we choose the people who examine it. None of them had a part in the decision."),
    ),
    "appeal.turned_down": (
        N_("We cannot examine your appeal"),
        N_("Something about its form is not in order. We tell you what, and why, on its page."),
    ),
    "reviewer.appointed": (
        N_("Your appeal is being examined"),
        N_("People who had no part in the decision examine it now."),
    ),
    "mediation.held": (N_("After the meeting about your appeal"), N_("We noted what came of it.")),
    "appeal.settled": (
        N_("Your appeal is settled"),
        N_("You and the centre came to an agreement. The decision stays as it is."),
    ),
    "appeal.withdrawn": (
        N_("You took your appeal back"),
        N_("Nobody examines it any more, and the decision stays as it is."),
    ),
    "appeal.answered": (N_("Your appeal has been answered"), N_("You can read the answer and its reasons.")),
    "new_test.granted": (
        N_("You have the right to a new test"),
        N_("Your last test does not count. The new one is free of charge, and on the waiting list you go first."),
    ),
}
COMPLAINT = {
    "complaint.lodged": (
        N_("We have received your complaint"),
        N_("Somebody will look into it. It changes nothing about your result."),
    ),
    "complaint.taken_up": (
        N_("Somebody is looking into your complaint"),
        N_("We write to you when there is an answer."),
    ),
    "complaint.answered": (N_("Your complaint has been answered"), N_("You can read what was found and what follows.")),
    "complaint.withdrawn": (N_("You took your complaint back"), N_("Nobody looks into it any more.")),
}


def step(to: Person, page: str, topic: str) -> Draft:
    """One step of an appeal or of a complaint; `page`: where its reasons are."""
    w, (subject, said) = words(to.language), (APPEAL | COMPLAINT)[topic]
    return _plain(to, w.gettext(subject), w.gettext(said), w.gettext("You find it here: %(link)s", link=page))


def mediation(
    to: Person, page: str, meeting: Mediation, *, centre: calendars.Party, cancelled: bool, is_leader: bool
) -> Draft:
    """The invitation, its change or its cancellation, with the event for a calendar."""
    w = words(to.language)
    title = w.gettext("Meeting about an appeal")
    subject = w.gettext("Cancelled: the meeting about the appeal") if cancelled else title
    ends_at = meeting.meets_at + timedelta(minutes=meeting.minutes)
    who = (
        w.gettext("You lead this meeting: the candidate and the centre talk about an appeal.")
        if is_leader
        else w.gettext(
            "You talk with the centre about your appeal. Somebody who had no part in the decision leads the meeting."
        )
    )
    entry = calendars.Entry(
        uid=f"{meeting.id}@{urlsplit(page).hostname}",
        starts_at=meeting.meets_at,
        ends_at=ends_at,
        changed_at=meeting.changed_at,
        sequence=meeting.sequence + cancelled,
        summary=title,
        cancelled=cancelled,
        location=meeting.place,
        url=page,
    )
    invitation = calendars.request(
        entry, centre, calendars.Party(to.name, to.email), language=w.language, cancelled_prefix=w.gettext("Cancelled")
    )
    said = (
        w.gettext("Hello %(name)s,", name=to.given_name),
        w.gettext("This meeting does not take place: the appeal has ended.") if cancelled else who,
        f"{w.span(meeting.meets_at, ends_at)}\n{meeting.place}",
        w.gettext("You find it here: %(link)s", link=page),
        centre.name,
    )
    return Draft(to.email, subject, letters.paragraphs(*said), invitation)


def reviewer_appointed(to: Person, page: str, *, due_on: date) -> Draft:
    w = words(to.language)
    return _plain(
        to,
        w.gettext("You are asked to examine an appeal"),
        w.gettext(
            "You were chosen because you had no part in the decision. If you know the candidate, say so at once."
        ),
        w.gettext("The answer is due on %(day)s. You find it here: %(link)s", day=w.day(due_on), link=page),
    )


def late(email: str, language: str, page: str, *, is_appeal: bool) -> Draft:
    """To the centre: a deadline has passed. Nobody is named."""
    w = words(language)
    subject = w.gettext("An appeal is late") if is_appeal else w.gettext("A complaint is late")
    return Draft(email, subject, letters.paragraphs(w.gettext("Hello,"), _what_to_do(w, page)))


def _what_to_do(w: Words, page: str) -> str:
    return w.gettext("Its deadline has passed, and the candidate still waits. You find it here: %(link)s", link=page)


def _plain(to: Person, subject: str, *said: str) -> Draft:
    hello = words(to.language).gettext("Hello %(name)s,", name=to.given_name)
    return Draft(to.email, subject, letters.paragraphs(hello, *said))
