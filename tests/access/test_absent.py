"""What is out of reach takes PostgreSQL the same trouble as what never was: nobody learns by the clock that it is there
(reliability.md, A4). Counted, not timed: the same questions in the same order take the same time on any machine."""

import pytest

from tests.access.conftest import Actor, Ground
from tests.access.knocking import QUERIES, Address, addresses
from tests.access.test_matrix import WORLDS, _expectation, _knock

# What is no secret, and how anybody may learn of it.
KNOWN = {
    "POST /api/v1/openings/{opening_id}/cancellation": "an opening is announced: GET /api/v1/openings",
    "GET /check-in/{code}": "nobody without the key writes a code that is of no booking",
}
ACTORS = ("candidate", "evaluator", "reviewer", "manager", "planner", "reception", "auditor")


@pytest.mark.parametrize("name", ACTORS)
async def test_what_is_out_of_reach_is_asked_for_like_what_never_was(ground: Ground, name: str) -> None:
    actor, different, compared = ground.actors[name], [], 0
    for address in addresses(ground.app):
        if not (address.rule and address.rule.admits(actor.account) and address.names_something):
            continue
        asked = {}
        for world in WORLDS:
            if _expectation(ground, address, actor, world) == 404 and not _knows(ground, address, actor, world):
                ground.database.asked.clear()
                answer, _ = await _knock(ground, address, actor, world)
                asked[world] = [one for one in ground.database.asked if "begin" not in one[:6]]
                ground.forget()
                assert answer.status_code == 404
        never = asked.pop("nowhere", [])
        compared += len(asked)
        different += [(address.name, world, len(one), len(never)) for world, one in asked.items() if one != never]
    assert compared > 10
    assert not different, "\n".join(map(str, different))


def _knows(ground: Ground, address: Address, actor: Actor, world: str) -> bool:
    """Whether the caller sees what is there anyway: it is in their own centre, or everybody's to know. The codes of
    centres are on the front page."""
    is_public = address.name in KNOWN or "centre" in QUERIES.get(address.name, _nothing)(None, actor, actor)
    is_ours = (
        world != "nowhere" and actor.account is not None and actor.account.centre_id == ground.worlds[world].centre_id
    )
    return is_public or is_ours


def _nothing(*_: object) -> dict[str, str]:
    return {}
