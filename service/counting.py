"""Counting tries in Valkey: for all processes together, exactly. Whoever counts meanwhile shares the next round trip: in a
rush the library's share of each would cost a process more than the rest of a booking."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError

from service.coalescing import Coalesced
from service.refusals import Unavailable

# ARGV: for each try how many of KEYS are its own, its window in milliseconds, and the most for each of them. Answers the
# milliseconds that each has to wait, 0 where it was counted. One script looks and counts, so that no two processes can both
# take the last try; a try that has to wait is counted nowhere.
COUNT = """
local waits, key, argument = {}, 0, 1
while argument <= #ARGV do
    local own, window, wait = tonumber(ARGV[argument]), ARGV[argument + 1], 0
    for i = 1, own do
        if wait == 0 and tonumber(redis.call('get', KEYS[key + i]) or '0') >= tonumber(ARGV[argument + 1 + i]) then
            wait = math.max(redis.call('pttl', KEYS[key + i]), 1)
        end
    end
    for i = 1, wait == 0 and own or 0 do
        if redis.call('incr', KEYS[key + i]) == 1 then redis.call('pexpire', KEYS[key + i], window) end
    end
    waits[#waits + 1] = wait
    key, argument = key + own, argument + 2 + own
end
return waits
"""


class Try(Struct, frozen=True):
    """`most`: of each name within `milliseconds` of the first."""

    most: dict[str, int]
    milliseconds: int


class Counting:
    """`await counting(a_try)`: the milliseconds until it may be made; 0: it is counted. Refuses Unavailable."""

    def __init__(self, valkey: Redis) -> None:
        self._valkey: Any = valkey
        self._each = Coalesced(self._together)

    async def __call__(self, a_try: Try) -> int:
        return await self._each(a_try)

    async def _together(self, tries: Sequence[Try]) -> list[int | Exception]:
        names = [name for each in tries for name in each.most]
        said = [word for each in tries for word in (len(each.most), each.milliseconds, *each.most.values())]
        try:
            return [*map(int, await self._valkey.eval(COUNT, len(names), *names, *said))]
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable from error
