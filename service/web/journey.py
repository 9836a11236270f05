"""My journey: every unit I enrolled for as a line of steps with one next step, and my certificates."""

from typing import Any

from litestar import Request, Response, get

from assessments import candidates
from certificates import register
from service import auth, journeys, timelines
from service.booking_rules import Booking as Rules
from service.provide import Db, Now, Words
from service.web.look import render


@get("/journey", include_in_schema=False, guards=[auth.may("journey", "read")])
async def journey(
    me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words, rules: Rules
) -> Response[str]:
    """The candidate's own first page."""
    candidate_id = auth.own(me.candidate_id)
    async with db.read() as tx:
        candidate = await candidates.get(tx, candidate_id)
        files = await journeys.of_candidate(tx, candidate_id)
        certificates = await register.of_candidate(tx, candidate_id)
        reasons = await journeys.certificate_reasons(tx, candidate_id)
    printed = {one.outcome.certificate_id for file in files for one in file.attempts if one.outcome.printed}
    return render(
        request,
        "journey/journey.html",
        given_name=candidate.given_name,
        files=[
            (
                file,
                timelines.timeline(file, words, excusing=rules.excuse, now=now),
                timelines.may_withdraw(file, now=now),
            )
            for file in files
        ],
        certificates=[
            (certificate, certificate.id in printed, reasons.get(certificate.id, "")) for certificate in certificates
        ],
    )


HANDLERS = [journey]
