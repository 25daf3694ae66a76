"""Threads that have ended when their pool has."""
from __future__ import annotations

import os
import threading

import pytest
import torch

from torch_model.threads import pool

TASKS = "/proc/self/task"


def left(make) -> int:
    """How many of 200 pools of four threads leave a thread that the system still knows, a moment after."""
    found = 0
    for _ in range(200):
        with make(4) as threads:
            numbers = set(threads.map(lambda i: (torch.ones(40, 3) @ torch.ones(3, 40), threading.get_native_id())[1], range(16)))
        found += any(os.path.exists(f"{TASKS}/{number}") for number in numbers)
    return found


@pytest.mark.skipif(not os.path.isdir(TASKS), reason="this system does not say which threads it has")
def test_no_thread_is_left_that_a_fork_might_find_in_the_middle_of_its_end():
    assert left(pool) == 0


def test_each_thread_calls_start_first_and_results_keep_their_order():
    started = []
    with pool(3, lambda: started.append(threading.get_native_id())) as threads:
        result = list(threads.map(lambda i: (i, threading.get_native_id()), range(20)))
    assert [i for i, _ in result] == list(range(20)) and {number for _, number in result} <= set(started)
