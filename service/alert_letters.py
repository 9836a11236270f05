"""The letter that says a place has opened, and the address under which it is the last one."""

import base64
import binascii
import hmac
from uuid import UUID

from scheduling.places import Place
from service.appointments import Person
from service.i18n import LANGUAGES, words
from service.mails import Draft

MARK_BYTES = 16


def place_opened(to: Person, place: Place, base_url: str, *, stop: str) -> Draft:
    """Honest that it is not kept for anybody."""
    w = words(to.language)
    unit = w.label(place.unit_label)
    said = (
        w.gettext("Hello %(name)s,", name=to.given_name),
        w.gettext("You asked us to tell you: there is a place for this test."),
        "\n".join(
            (
                unit,
                w.label(place.trade_label),
                w.span(place.starts_at, place.ends_at),
                f"{place.centre_name}, {place.street}, {place.postcode} {place.municipality}",
                w.gettext("Language of the test: %(language)s", language=LANGUAGES[place.language]),
            )
        ),
        w.gettext("Look at it and book it here: %(link)s", link=f"{base_url}/sessions/{place.session_id}"),
        w.gettext("The place is not kept for you. We tell others too, and whoever is fastest gets it."),
        w.gettext("If you no longer want these letters: %(link)s", link=stop),
    )
    return Draft(to.email, w.gettext("There is a place: %(unit)s", unit=unit), "\n\n".join(said) + "\n")


def stop_address(base_url: str, key: bytes, alert_id: UUID) -> str:
    """Where the alert is ended without signing in: nobody finds it without `key` (settings.secret)."""
    token = base64.urlsafe_b64encode(alert_id.bytes + _mark(key, alert_id)).decode().rstrip("=")
    return f"{base_url}/alerts/stop/{token}"


def alert_of(token: str, key: bytes) -> UUID | None:
    """The alert that an address ends; None for one that is not ours."""
    try:
        plain = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(plain) != 16 + MARK_BYTES:
        return None
    alert_id = UUID(bytes=plain[:16])
    return alert_id if hmac.compare_digest(plain[16:], _mark(key, alert_id)) else None


def _mark(key: bytes, alert_id: UUID) -> bytes:
    return hmac.digest(key, b"stop alert " + alert_id.bytes, "sha256")[:MARK_BYTES]
