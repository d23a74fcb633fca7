"""Several jobs at a time, and one plain error when one of them fails."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from leadops.core.errors import LeadopsError

T = TypeVar("T")


async def together(jobs: Iterable[Callable[[], Awaitable[T]]], at_once: int) -> list[T]:
    """Run ``jobs``, at most ``at_once`` at a time, and return their results in order.

    Raises:
        LeadopsError: the first failure of the world among them; the others are cancelled.
    """
    limit = asyncio.Semaphore(at_once)

    async def one(job: Callable[[], Awaitable[T]]) -> T:
        async with limit:
            return await job()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(job)) for job in jobs]
    except BaseExceptionGroup as failures:
        raise first_failure(failures) from None
    return [task.result() for task in tasks]


def first_failure(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the failure of the world in ``failures`` if bugs are not among them; else the bug."""
    leaves = list(_leaves(failures))
    bugs = [leaf for leaf in leaves if not isinstance(leaf, LeadopsError)]
    return (bugs or leaves)[0]


def _leaves(failures: BaseExceptionGroup[BaseException]) -> Iterable[BaseException]:
    for failure in failures.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            yield from _leaves(failure)
        else:
            yield failure
