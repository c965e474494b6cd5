"""Many sockets ask Redis at once."""

from __future__ import annotations

import asyncio

from apps.kernel.redis import async_client

SOCKETS = 1_000


async def test_a_thousand_who_ask_at_once_wait_for_each_other_and_none_is_refused() -> None:
    answers = await asyncio.gather(*(async_client().ping() for _ in range(SOCKETS)))
    assert answers == [True] * SOCKETS
    await async_client().aclose()
