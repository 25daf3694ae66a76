"""Threads that are gone when they are said to have ended."""
from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

LONGEST = 1.0                         # seconds to wait for a thread's end, in case its number has been given to another one


@contextmanager
def pool(threads: int, start: Callable[[], object] = lambda: None) -> Iterator[ThreadPoolExecutor]:
    """Threads, each of which calls `start` first. Python calls a thread ended when its last line has run, but then the thread still
    gives back its memory, under a lock of MKL's: a process forked in that moment has the lock forever taken, and hangs in its
    first matrix product. So this waits until the system knows them no more, where the system says (Linux)."""
    numbers: list[int] = []

    def begin() -> None:
        numbers.append(threading.get_native_id())
        start()

    with ThreadPoolExecutor(threads, initializer=begin) as executor:
        yield executor
    until = time.monotonic() + LONGEST
    while any(os.path.exists(f"/proc/self/task/{number}") for number in numbers) and time.monotonic() < until:
        time.sleep(0.0001)
