"""The candidates of the replay: fictional people, drawn so that statuses, ages and languages have the known shares."""

import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import candidates

COMES_BACK = 0.5  # how often a seat goes to somebody who was tested on another unit of the trade, or failed


class Origin(Struct, frozen=True):
    share: int
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


class Names(Struct, frozen=True):
    """`shares`: in percent, by what they are shares of. `people`: those that a story knows by name."""

    origins: tuple[Origin, ...]
    shares: dict[str, dict[str, int]]
    people: dict[str, dict[str, Any]]


@dataclass
class Person:
    """What the replay remembers of a candidate: units booked, passed and failed, days taken."""

    id: UUID
    tested_in: str
    known_as: str
    trades: set[str] = field(default_factory=set)
    live: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    failures: Counter[str] = field(default_factory=Counter)
    days: set[date] = field(default_factory=set)

    def may_book(self, unit: str, day: date) -> bool:
        return (
            unit not in self.live | self.passed
            and self.failures[unit] < 2
            and not {day, day - timedelta(days=1), day + timedelta(days=1)} & self.days
        )


class Crowd:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.names = msgspec.toml.decode(
            Path(__file__).with_name("data").joinpath("names.toml").read_bytes(), type=Names
        )
        self.persons: list[Person] = []
        self.addresses: Counter[str] = Counter()
        self.drawn = {what: _in_shares(chance, shares) for what, shares in self.names.shares.items()}
        self.origins = _in_shares(chance, {str(index): one.share for index, one in enumerate(self.names.origins)})

    async def somebody(
        self, tx: asyncpg.Connection, *, trade: str, unit: str, language: str, day: date, now: datetime
    ) -> Person:
        """Somebody who may book this unit for that day: half of the time a familiar face."""
        familiar = [
            one
            for one in self.persons
            if not one.known_as and one.tested_in == language and trade in one.trades and one.may_book(unit, day)
        ]
        if familiar and self.chance.random() < COMES_BACK:
            return self.chance.choice(familiar)
        return await self._register(tx, self._invented(language, day), tested_in=language, known_as="", now=now)

    async def named(self, tx: asyncpg.Connection, who: str, *, language: str, day: date, now: datetime) -> Person:
        """The person whom the stories call `who`; met for the first time, registered."""
        known = next((one for one in self.persons if one.known_as == who), None)
        if known is not None:
            return known
        said = self.names.people.get(who)
        registration = msgspec.convert(said, candidates.Registration) if said else self._invented(language, day)
        return await self._register(tx, registration, tested_in=language, known_as=who, now=now)

    async def _register(
        self, tx: asyncpg.Connection, who: candidates.Registration, *, tested_in: str, known_as: str, now: datetime
    ) -> Person:
        person = Person(await candidates.register(tx, who, now=now), tested_in, known_as)
        self.persons.append(person)
        return person

    def _invented(self, language: str, day: date) -> candidates.Registration:
        gender = next(self.drawn["gender"])
        origin = self.names.origins[int(next(self.origins))]
        given = self.chance.choice(origin.women if gender == "f" else origin.men)
        family = self.chance.choice(origin.families)
        decade = int(next(self.drawn["age"]))
        age = self.chance.randint(decade, {18: 24, 55: 63}.get(decade, decade + 9))
        return msgspec.convert(
            {
                "given_name": given,
                "family_name": family,
                "birth_date": day.replace(day=1) - timedelta(days=age * 365 + 60 + self.chance.randrange(300)),
                "email": self._address(given, family),
                "language": next(self.drawn[language]),
                "status": next(self.drawn["status"]),
                "gender": gender,
                "municipality": next(self.drawn["municipality"]),
            },
            candidates.Registration,
        )

    def _address(self, given: str, family: str) -> str:
        plain = unicodedata.normalize("NFKD", f"{given}.{family}".lower().replace("ı", "i").replace("ł", "l"))
        address = "".join(letter for letter in plain if letter.isascii() and (letter.isalnum() or letter == "."))
        self.addresses[address] += 1
        number = self.addresses[address]
        return f"{address}{number if number > 1 else ''}@example.org"


def _in_shares(chance: Random, shares: dict[str, int]) -> Iterator[str]:
    """Draw for ever, each value as often as its share: whichever lags furthest behind, after a chance beginning."""
    total = sum(shares.values())
    owed = {value: chance.random() for value in shares}
    for _ in itertools.count():
        for value, share in shares.items():
            owed[value] += share / total
        value = max(owed, key=lambda one: owed[one])
        owed[value] -= 1
        yield value
