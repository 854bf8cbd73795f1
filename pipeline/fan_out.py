"""One way to fan out: the same function over independent items, in this process or in several.

Any `concurrent.futures.Executor` will do; here a pool of processes that are started clean and warmed up once. A
worker that dies takes only its item along: the others are tried again in a new pool, and the item that kills a
worker twice has failed.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Thread
from typing import Any, Generic, NamedTuple, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Outcome(NamedTuple, Generic[Item, Result]):
    """An item with what came of it: a result, or the error that it ended with."""

    item: Item
    result: Result | None
    error: BaseException | None


def map_items(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    *,
    initializer: Callable[..., None] | None = None,
    initargs: tuple[Any, ...] = (),
) -> Iterator[Outcome[Item, Result]]:
    """What the function makes of each item, in the order of the items.

    With one job, or one item, everything happens in this process. `function` and `initializer` are found by name in
    a worker, so they are functions of a module.
    """
    if jobs == 1 or len(items) < 2:
        if initializer is not None and items:
            initializer(*initargs)
        yield from (_done_here(function, item) for item in items)
        return
    found: dict[int, Outcome[Item, Result]] = {}
    waiting = list(range(len(items)))
    for last in (False, True):
        waiting = _attempt(function, items, waiting, found, _pool(jobs, initializer, initargs))
        if not waiting:
            break
        if last:
            # Several may have died with one worker: each is tried alone, so that only the guilty one fails.
            for at in waiting:
                alone = _attempt(function, items, [at], found, _pool(1, initializer, initargs))
                if alone:
                    error = BrokenProcessPool("a worker died twice over this item")
                    found[at] = Outcome(items[at], None, error)
    yield from (found[at] for at in range(len(items)))


def _done_here(function: Callable[[Item], Result], item: Item) -> Outcome[Item, Result]:
    try:
        return Outcome(item, function(item), None)
    except Exception as error:  # noqa: BLE001  # one item fails, the caller decides about the others
        return Outcome(item, None, error)


def _pool(jobs: int, initializer: Callable[..., None] | None, initargs: tuple[Any, ...]) -> Executor:
    context = multiprocessing.get_context("forkserver")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(initializer, initargs))


def _begin(initializer: Callable[..., None] | None, initargs: tuple[Any, ...]) -> None:
    """Begin a worker. Left alone by a killed process it would go on writing where the next run writes: it ends too."""
    Thread(target=_end_with_parent, daemon=True).start()
    if initializer is not None:
        initializer(*initargs)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a worker
    parent.join()
    os._exit(1)


def _attempt(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    waiting: list[int],
    found: dict[int, Outcome[Item, Result]],
    pool: Executor,
) -> list[int]:
    """Try the waiting items once; the positions of those whose worker died before they were done."""
    lost: list[int] = []
    with pool:
        for at, future in [(at, _submitted(pool, function, items[at])) for at in waiting]:
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                lost.append(at)
            else:
                found[at] = Outcome(items[at], None if error else future.result(), error)
    return lost


def _submitted(pool: Executor, function: Callable[[Item], Result], item: Item) -> Future[Result]:
    """The item's future; a pool that broke while items were handed in gives one that says so."""
    try:
        return pool.submit(function, item)
    except BrokenProcessPool as error:
        broken: Future[Result] = Future()
        broken.set_exception(error)
        return broken
