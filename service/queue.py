"""What carries outbox ids to the workers. It may be away, or forget everything, at any time: nothing is lost."""

from contextlib import suppress
from typing import Any

import msgpack
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from service.counting import Counting

NAME = "preuve"
QUICK_SECONDS = 0.25  # where a request waits for it
SECONDS = 2.0  # for a connection and for an answer: a Valkey that hangs is away, like one that is gone
KEPT_MILLISECONDS = 600_000  # a job nobody took by then was sent again long before

pack, unpack = msgpack.packb, msgpack.unpackb  # never pickle: what is read from a queue must not be able to run


class QueueAway(Exception):
    """Valkey does not answer."""


class Queue:
    """arq's sorted set in Valkey, with msgpack instead of pickle. Opening it connects to nothing yet."""

    def __init__(self, url: str) -> None:
        pool: Any = ConnectionPool.from_url(url, socket_connect_timeout=SECONDS, socket_timeout=SECONDS)
        self.redis = ArqRedis(
            pool,
            job_serializer=pack,
            job_deserializer=unpack,
            default_queue_name=NAME,
            expires_extra_ms=KEPT_MILLISECONDS,
        )
        # For what a request waits for: counting. With little patience, and connections that no job holds.
        self.quick: Redis = Redis.from_url(url, socket_connect_timeout=QUICK_SECONDS, socket_timeout=QUICK_SECONDS)
        self.counting = Counting(self.quick)
        self.silent_until = 0.0  # on time.monotonic: `quick` gave no answer, and is left alone until then

    async def send(self, function: str, argument: int, *, key: str) -> None:
        """Hand over one job; a second one with the same key is not taken. Refuses QueueAway."""
        try:
            await self.redis.enqueue_job(function, argument, _job_id=key)
        except (RedisError, OSError, TimeoutError) as error:
            raise QueueAway from error

    async def length(self) -> int:
        """How many jobs wait or run. Refuses QueueAway."""
        try:
            return int(await self.redis.zcard(NAME))
        except (RedisError, OSError, TimeoutError) as error:
            raise QueueAway from error

    async def ping(self) -> None:
        """Nothing, if it answers. Refuses QueueAway."""
        await self.length()

    async def close(self) -> None:
        with suppress(RedisError, OSError):
            await self.redis.aclose(close_connection_pool=True)
            await self.quick.aclose()
