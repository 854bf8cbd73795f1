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
    held: dict[int, Outcome[Item, Result]] = {}
    place = 0
    for at, outcome in _in_workers(function, items, jobs, initializer, initargs):
        held[at] = outcome
        while place in held:  # in the order of the items, each as soon as it is its turn
            yield held.pop(place)
            place += 1


def _in_workers(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    initializer: Callable[..., None] | None,
    initargs: tuple[Any, ...],
) -> Iterator[tuple[int, Outcome[Item, Result]]]:
    """The outcome of each position; those that were lost with a worker are tried again, at last one by one."""
    lost = list(range(len(items)))
    for _ in range(2):
        attempted, lost = lost, []
        for at, outcome in _attempt(function, items, attempted, _pool(jobs, initializer, initargs)):
            if outcome is None:
                lost.append(at)
            else:
                yield at, outcome
        if not lost:
            return
    for at in lost:  # several may have died with one worker: alone, only the guilty one fails
        _, outcome = next(_attempt(function, items, [at], _pool(1, initializer, initargs)))
        yield (
            at,
            outcome or Outcome(items[at], None, BrokenProcessPool("a worker died over this item, alone too")),
        )


def _done_here(function: Callable[[Item], Result], item: Item) -> Outcome[Item, Result]:
    try:
        return Outcome(item, function(item), None)
    except Exception as error:  # noqa: BLE001  # one item fails, the caller decides about the others
        return Outcome(item, None, error)


def _pool(jobs: int, initializer: Callable[..., None] | None, initargs: tuple[Any, ...]) -> Executor:
    context = multiprocessing.get_context("forkserver")
    if initializer is not None:
        context.set_forkserver_preload([initializer.__module__])  # imported once, then forked
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
    function: Callable[[Item], Result], items: Sequence[Item], waiting: list[int], pool: Executor
) -> Iterator[tuple[int, Outcome[Item, Result] | None]]:
    """The waiting items tried once, in order; None for those whose worker died before they were done."""
    with pool:
        for at, future in [(at, _submitted(pool, function, items[at])) for at in waiting]:
            error = future.exception()
            if isinstance(error, BrokenProcessPool):
                yield at, None
            else:
                yield at, Outcome(items[at], None if error else future.result(), error)


def _submitted(pool: Executor, function: Callable[[Item], Result], item: Item) -> Future[Result]:
    """The item's future; a pool that broke while items were handed in gives one that says so."""
    try:
        return pool.submit(function, item)
    except BrokenProcessPool as error:
        broken: Future[Result] = Future()
        broken.set_exception(error)
        return broken
