"""How often something was tried, counted for all processes together: a guard against guessing.

Kept in Valkey, where adding one is atomic and forgetting needs nobody. Without Valkey nothing can be counted, so nothing
may be tried: a guard that cannot see closes the door.
"""

from redis.exceptions import RedisError

from service.refusals import Unavailable
from service.wiring import Running


async def count(running: Running, what: str, *, seconds: int) -> int:
    """Count one more try, and say which one it is within `seconds` of the first. Refuses Unavailable."""
    key = f"tries:{what}"
    try:
        async with running.queue.quick.pipeline(transaction=True) as commands:
            commands.incr(key)
            commands.expire(key, seconds, nx=True)
            counted, _ = await commands.execute()
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable from error
    return int(counted)


async def forgive(running: Running, what: str) -> None:
    """Take one back: it was no guess. Refuses Unavailable."""
    try:
        await running.queue.quick.decr(f"tries:{what}")
    except (RedisError, OSError, TimeoutError) as error:
        raise Unavailable from error
