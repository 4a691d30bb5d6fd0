"""A function over many items in worker processes, results in order.

Owns: the processes, what happens when one dies, and stopping them all. Must not know: what is computed.

The standard pools can't say which item a dead worker was at. Processes start from a fork server: forking this one could
copy the locks of pyarrow's threads, and spawning each would import numba again and again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any

_PRELOAD = ["newsclean.pipeline.ready"]
_PER_WORKER = 8 << 20  # bytes of input for which one more process pays off
_AHEAD = 4  # items a worker that are in hand or done and waiting for their turn: bounds memory


class WorkerDied(Exception):
    """A worker process ended twice while at the same item."""

    def __init__(self, item: Any, code: int | None) -> None:
        self.item = item
        self.code = code
        super().__init__(item, code)


@dataclass(slots=True)
class _Worker:
    process: multiprocessing.process.BaseProcess
    pipe: Connection


def wanted_workers(size: int) -> int:
    """How many processes pay off for so many bytes of input: at most one a core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 1 + size // _PER_WORKER)


def start_server() -> None:
    """Let the server that workers are forked from come up while this process still imports what it needs itself."""
    if _context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with holding_ctrl_c():
            forkserver.ensure_running()


@contextlib.contextmanager
def holding_ctrl_c() -> Iterator[None]:
    """What starts meanwhile, processes and threads, never sees Ctrl-C: that is for the main thread, which ends the others.

    One that comes meanwhile is handled afterwards; ignoring it lost one in six on a busy machine.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # it lets the signal through again when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _deferred():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _deferred() -> Iterator[None]:
    """Ctrl-C by way of another thread (those of NumPy don't block it) would still come up in the midst of the main one."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[Any] = []
    signal.signal(signal.SIGINT, lambda *given: came.append(given))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came:
            handler(*came[0])


def _context() -> Any:
    methods = multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(_PRELOAD)
    return context


def in_order(
    function: Callable[[Any], Any], items: Iterable[Any], workers: int, died: Callable[[Any], None]
) -> Iterator[Any]:
    """`function(item)` of each item, in order, computed by `workers` processes; in this one when that is 1.

    An item whose worker dies is told to `died` and given to another once; the second time raises WorkerDied. An
    exception of the function is raised here.
    """
    if workers <= 1:
        yield from map(function, items)
        return
    pool = _Pool(function, workers, died)
    try:
        yield from pool.run(iter(items))
    finally:
        pool.stop()


class _Pool:
    def __init__(self, function: Callable[[Any], Any], workers: int, died: Callable[[Any], None]) -> None:
        start_server()
        self._context = _context()
        self._function = function
        self._died = died
        self._idle = [self._start() for _ in range(workers)]
        self._busy: dict[Connection, tuple[_Worker, int, Any]] = {}
        self._again: list[tuple[int, Any]] = []
        self._failed: set[int] = set()
        self._done: dict[int, Any] = {}
        self._window = _AHEAD * workers

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._function), daemon=True)
        with holding_ctrl_c():  # a start cut short leaves half a message with the fork server
            process.start()
        theirs.close()
        return _Worker(process, ours)

    def run(self, items: Iterator[Any]) -> Iterator[Any]:
        numbered = enumerate(items)
        turn, given, ended = 0, 0, False
        while True:
            while self._idle and (self._again or (not ended and given - turn < self._window)):
                following = self._again.pop() if self._again else next(numbered, None)
                if following is None:
                    ended = True
                    break
                given = max(given, following[0] + 1)
                self._give(*following)
            if not self._busy and not self._again:
                return
            for pipe in wait(list(self._busy)):
                self._take(pipe)  # type: ignore[arg-type]
            while turn in self._done:
                yield self._done.pop(turn)
                turn += 1

    def _give(self, number: int, item: Any) -> None:
        worker = self._idle.pop()
        self._busy[worker.pipe] = worker, number, item
        with contextlib.suppress(OSError):  # it died meanwhile; reading from its pipe will tell
            worker.pipe.send(item)

    def _take(self, pipe: Connection) -> None:
        worker, number, item = self._busy.pop(pipe)
        try:
            result, error = pipe.recv()
        except (EOFError, OSError):
            pipe.close()
            worker.process.join()
            if number in self._failed:
                raise WorkerDied(item, worker.process.exitcode) from None
            self._died(item)
            self._failed.add(number)
            self._again.append((number, item))
            self._idle.append(self._start())
            return
        self._idle.append(worker)
        if error is not None:
            raise error
        self._done[number] = result

    def stop(self) -> None:
        workers = [*self._idle, *(worker for worker, _, _ in self._busy.values())]
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()
            worker.pipe.close()


def _serve(pipe: Connection, function: Callable[[Any], Any]) -> None:
    """The life of a worker. Ctrl-C is for the parent to handle; when that is gone, so is the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            item = pipe.recv()
        except EOFError:
            return
        try:
            result, error = function(item), None
        except Exception as caught:
            result, error = None, caught
        pipe.send((result, error))
