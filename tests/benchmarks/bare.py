"""A bare httpx loop over updates, as a script would do it. Reads {"place", "calls"} from stdin, writes the seconds."""

import asyncio
import json
import sys
import time

import httpx


async def loop(place, calls, at_once):
    """Send every (lead id, body) and return the seconds."""
    waiting = iter(calls)
    headers = {"Authorization": f"Bearer {place['TELECRM_SYNC_TOKEN']}"}
    base = f"{place['TELECRM_BASE_URL']}/enterprise/{place['TELECRM_ENTERPRISE_ID']}"
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=30) as client:

        async def work():
            for lead_id, body in waiting:
                answer = await client.post(f"{base}/lead/{lead_id}", json=body)
                assert answer.status_code == 200
                answer.json()

        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())
        return time.perf_counter() - begun


if __name__ == "__main__":
    told = json.load(sys.stdin)
    sys.stdout.write(str(asyncio.run(loop(told["place"], told["calls"], int(sys.argv[1])))))
