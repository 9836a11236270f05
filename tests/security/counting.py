"""A process that tries: `python -m tests.security.counting DATABASE_URL REDIS_URL FOLDER TIMES`, prints how often it got in."""

import asyncio
import sys
from pathlib import Path

from service import limits
from service.wiring import running
from tests.builders.web import settings_for


async def main(database_url: str, redis_url: str, folder: str, times: int) -> int:
    async with running(settings_for(database_url, redis_url, Path(folder), PREUVE_SECRET="k" * 32)) as process:
        waits = await asyncio.gather(
            *(
                limits.counted(process, {"sign-in:one": 25, "sign-in:all": 1000}, milliseconds=60_000)
                for _ in range(times)
            )
        )
    return waits.count(0)


if __name__ == "__main__":
    print(asyncio.run(main(*sys.argv[1:4], int(sys.argv[4]))))
