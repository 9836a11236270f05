"""The words of the table in service/access.py: how far somebody reaches, by which column, and one line of it."""

from typing import Literal, Protocol, get_args
from uuid import UUID

from msgspec import Struct

Reach = Literal["none", "own", "jury", "centre", "any", "address"]
Column = Literal[
    "anyone",
    "candidate",
    "assessor",
    "evaluator",
    "observer",
    "reviewer",
    "manager",
    "planner",
    "reception",
    "auditor",
    "administrator",
]
COLUMNS: tuple[Column, ...] = get_args(Column)
CAPACITIES: tuple[Column, ...] = ("evaluator", "observer", "reviewer")
NONE: Reach = "none"
OWN: Reach = "own"
JURY: Reach = "jury"
CENTRE: Reach = "centre"
ANY: Reach = "any"
ADDRESS: Reach = "address"

# Whatever the role: what people keep for themselves.
EVERYBODY: dict[str, Reach] = dict.fromkeys(
    ("candidate", "assessor", "manager", "planner", "reception", "auditor", "administrator"), OWN
)


class Acting(Protocol):
    """As much of an account as the table asks for."""

    @property
    def role(self) -> Column: ...
    @property
    def assessor_id(self) -> UUID | None: ...


class Rule(Struct, frozen=True):
    """One line: what is done, in the field's words, and how far each column reaches. `anyone` includes everyone.

    `is_weighty`: whoever does it shows afresh who they are (step-up); its guard sees to that by itself.
    """

    resource: str
    action: str
    says: str
    reach: dict[Column, Reach]
    is_weighty: bool = False

    def of(self, column: Column) -> Reach:
        return self.reach.get("anyone", NONE) if self.is_open else self.reach.get(column, NONE)

    @property
    def is_open(self) -> bool:
        """Whether nobody has to sign in for it."""
        return self.reach.get("anyone", NONE) != NONE

    def admits(self, account: Acting | None) -> bool:
        """Whether there is any object for which the account might do this."""
        return self.is_open or any(self.of(column) != NONE for column in columns_of(account))


def line(resource: str, action: str, says: str, **reach: Reach) -> tuple[tuple[str, str], Rule]:
    """A line of the table, with how far each column reaches."""
    return (resource, action), Rule(resource, action, says, reach)  # type: ignore[arg-type]


def weighty(resource: str, action: str, says: str, **reach: Reach) -> tuple[tuple[str, str], Rule]:
    """A line for which whoever does it shows afresh who they are."""
    return (resource, action), Rule(resource, action, says, reach, is_weighty=True)  # type: ignore[arg-type]


def columns_of(account: Acting | None) -> tuple[Column, ...]:
    """The columns that an account can reach by: its role, and the capacities that a person of the register may have."""
    if account is None:
        return ("anyone",)
    return (account.role, *(CAPACITIES if account.assessor_id is not None else ()))
