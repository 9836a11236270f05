"""Passwords, where an installation has turned them on: argon2id, twelve characters or more, none that others lost.

No rule about what is in it (NIST SP 800-63B, 3.1.1.2): length and not being known are what helps. Whether an account is
unknown, has no password, or another one, takes the same time and is answered the same.
"""

import asyncio
import hashlib
import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import asyncpg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from service.accounts import Account
from service.refusals import PasswordWeak
from service.settings import Settings

SHORTEST, LONGEST = 12, 200
HASHER = PasswordHasher()  # argon2id with the parameters of RFC 9106's second choice: 64 MiB, three passes
AT_ONCE = 2  # each takes 64 MiB and a core for a while; who comes more often waits
_turn = asyncio.Semaphore(AT_ONCE)


async def set_password(tx: asyncpg.Connection, account_id: UUID, hashed: str, *, now: datetime) -> None:
    """Keep the hash (hashed_new made it), in the place of a former one."""
    await tx.execute(
        """insert into service.passwords (account_id, hash, set_at) values ($1, $2, $3)
           on conflict (account_id) do update set hash = excluded.hash, set_at = excluded.set_at""",
        account_id,
        hashed,
        now,
    )


async def remove(tx: asyncpg.Connection, account_id: UUID) -> None:
    """The account has no password any more. Twice is once."""
    await tx.execute("delete from service.passwords where account_id = $1", account_id)


async def set_at(tx: asyncpg.Connection, account_id: UUID) -> datetime | None:
    """Since when the account has its password; None: it has none."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        "select set_at from service.passwords where account_id = $1", account_id
    )


async def names_of(tx: asyncpg.Connection, account_id: UUID) -> tuple[str, ...]:
    """What its owner is called: too easily guessed to be a password."""
    rows = await tx.fetch(
        """select unnest(array[c.given_name, c.family_name, s.given_name, s.family_name]) as name
           from service.accounts a
           left join assessments.candidates c on c.id = a.candidate_id
           left join assessments.assessors s on s.id = a.assessor_id
           where a.id = $1""",
        account_id,
    )
    return tuple(row["name"] for row in rows if row["name"])


async def claimed(tx: asyncpg.Connection, email: str) -> tuple[Account | None, str]:
    """Who would sign in, and the hash to hold the password against: for who has none, one that nothing fits.

    To be followed by `fits`, for None as well: the answer may not tell by its time.
    """
    row = await tx.fetchrow(
        """select a.id, a.email, a.role, a.centre_id, a.candidate_id, a.assessor_id, a.language, p.hash
           from service.accounts a join service.passwords p on p.account_id = a.id
           where a.email = lower($1) and a.disabled_at is null""",
        email.strip(),
    )
    if row is None:
        return None, _nobodys()
    return Account(**{field: row[field] for field in Account.__struct_fields__}), row["hash"]


async def fits(hashed: str, password: str) -> bool:
    """Whether it is the password. In a thread, a few at a time: outside of any transaction, please."""
    async with _turn:
        return await asyncio.to_thread(_verified, hashed, password)


async def hashed_new(password: str, *, me: Account, names: tuple[str, ...], settings: Settings) -> str:
    """The hash of a password that will do. Refuses PasswordWeak: too short, known to others, or made of one's own name."""
    chosen = _normal(password)
    if not SHORTEST <= len(chosen) <= LONGEST or _is_known(chosen, settings) or _is_own(chosen, me, names):
        raise PasswordWeak
    async with _turn:
        return await asyncio.to_thread(HASHER.hash, chosen)


async def erase(tx: asyncpg.Connection, account_id: UUID) -> None:
    """Delete the password of an account that is closed for good."""
    await remove(tx, account_id)


def _normal(password: str) -> str:
    """The same keys give the same password on every system."""
    return unicodedata.normalize("NFKC", password)


def _verified(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody has this one, and it is compared with nothing")


def _is_own(password: str, me: Account, names: tuple[str, ...]) -> bool:
    """What is left without the person's address and names is too little."""
    rest = password.lower()
    for known in sorted((me.email, *me.email.replace("@", ".").split("."), *names, "preuve"), key=len, reverse=True):
        if len(known) >= 3:
            rest = rest.replace(known.lower(), "")
    return len(rest) < SHORTEST // 2


def _is_known(password: str, settings: Settings) -> bool:
    """Among the commonest ones, as it is, repeated, or with digits and signs around it; or in the installation's list."""
    bare = password.lower().strip("0123456789!?.,;:-_*+#$@&/()= ")
    if bare in _commonest() or _repeats(password.lower()):
        return True
    if not settings.breached_list:
        return False
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    listed = _listed(Path(settings.breached_list))
    return password in listed or password.lower() in listed or digest in listed


def _repeats(password: str) -> bool:
    """One to six characters over and over, or a run along the keyboard's numbers or the alphabet."""
    if any(password == (password[:size] * len(password))[: len(password)] for size in range(1, 7)):
        return True
    return any(password in row * 4 for row in ("abcdefghijklmnopqrstuvwxyz", "1234567890", "qwertyuiop", "azertyuiop"))


@cache
def _commonest() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"]) | {""}


@cache
def _listed(path: Path) -> frozenset[str]:
    """One a line: plain, or the SHA-1 in hexadecimal, with or without a colon and how often it was seen."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return frozenset(_entry(line) for line in lines)


def _entry(line: str) -> str:
    head = line.partition(":")[0]
    is_digest = len(head) == 40 and all(sign in "0123456789abcdefABCDEF" for sign in head)
    return head.upper() if is_digest else line
