"""The lines of the table in service/access.py about signing in, and about accounts."""

from service.i18n import N_
from service.reaches import ANY, EVERYBODY, Rule, weighty
from service.reaches import line as _rule

LINES: list[tuple[tuple[str, str], Rule]] = [
    _rule("logins", "begin", N_("Sign in with a link sent by mail"), anyone=ANY),
    _rule("logins", "end", N_("Sign out"), anyone=ANY),
    _rule("logins", "own", N_("See and end my sign-ins"), **EVERYBODY),
    _rule("logins", "confirm", N_("Confirm that it is me before what weighs heavily"), **EVERYBODY),
    _rule("tokens", "own", N_("Make, see and revoke my access tokens"), **EVERYBODY),
    _rule("passkeys", "own", N_("Add, name and remove my passkeys"), **EVERYBODY),
    _rule("passwords", "own", N_("Choose or remove my password, where passwords are on"), **EVERYBODY),
    _rule("accounts", "read", N_("Find accounts of staff"), administrator=ANY),
    weighty("accounts", "change", N_("Open an account, change its role, close it"), administrator=ANY),
]  # fmt: skip
