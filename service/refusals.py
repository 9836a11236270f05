"""Every no of the outside: what no domain says, because it knows neither databases nor sign-in."""


class Refusal(Exception):
    """The request is understood and declined, for now or for good."""


class Unavailable(Refusal):
    """The database cannot be reached; whether a commit under way succeeded is unknown, so ask again, keyed."""


class Overloaded(Refusal):
    """No connection came free, or an answer took too long: better one quick no than everybody waiting."""


class TryAgain(Refusal):
    """Two requests stood in each other's way (deadlock, lock, serialization); the same request may succeed now."""


class NotFound(Refusal):
    """There is no such thing, or not for this caller."""


class FieldUnasked(Refusal):
    """A form has a field that its page has not: of an older page, or made up."""


class AccountKnown(Refusal):
    """The address has an account already."""


class LinkSpent(Refusal):
    """The sign-in link was used, is too old, or never was."""


class RectifiedTooOften(Refusal):
    """Too many corrections of one person were asked for within a day."""


class SecondPersonNeeded(Refusal):
    """Whoever asked for something that needs two people cannot approve it too."""


class StepUpNeeded(Refusal):
    """What is asked for weighs heavily, and the sign-in is too long ago."""


class PersonNeeded(Refusal):
    """A token cannot do this: its owner has to, signed in."""


class ScopeMissing(Refusal):
    """The token was not made for this."""


class OwnAccount(Refusal):
    """Nobody changes their own role, or locks themselves out."""


class RoleIncomplete(Refusal):
    """The role means a centre, or a person of the register of assessors, and there is none."""


class PasskeyKnown(Refusal):
    """The passkey belongs to an account already."""


class PasskeyRefused(Refusal):
    """What the device answered does not hold: too late, for another site, unverified, copied, or unknown."""


class ProviderRefused(Refusal):
    """What the OpenID provider says does not hold, or means nobody here. Why is for our log only."""


class ProviderAway(Refusal):
    """The OpenID provider does not answer."""


class PasswordWeak(Refusal):
    """Too short, or among those that others have used before and lost."""


class KeyReused(Refusal):
    """The idempotency key came before with another request."""


class KeyInFlight(Refusal):
    """The first request of this idempotency key is still being answered."""


class BundleUnderWay(Refusal):
    """The account's last bundle is still being made: one at a time."""


class ImportNotReady(Refusal):
    """The import is not checked yet, or over already."""


class Explained(Exception):
    """A refusal of whatever domain, with members that its problem document has beside the usual ones."""

    def __init__(self, refusal: Exception, members: dict[str, object]) -> None:
        super().__init__(type(refusal).__name__)
        self.refusal = refusal
        self.members = members


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "key_reused": KeyReused,
    "account_known": AccountKnown,
    "bundle_under_way": BundleUnderWay,
    "passkey_known": PasskeyKnown,
}
