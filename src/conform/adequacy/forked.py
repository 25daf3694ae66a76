"""Questions answered one after another, or some at a time by forked processes, which find in their memory what an answer takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any, TypeVar

Answer = TypeVar("Answer")
_ask: Callable[..., Any] | None = None                               # what a forked process finds there


def answered(ask: Callable[..., Answer], questions: Sequence[tuple], jobs: int) -> Iterator[tuple[int, Answer]]:
    """The number of each question and its answer, in the order in which they come. Only questions and answers go from process to process."""
    global _ask
    _ask = ask
    if jobs == 1 or len(questions) < 2:
        yield from ((n, ask(*question)) for n, question in enumerate(questions))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        waiting = {pool.submit(_asked, question): n for n, question in enumerate(questions)}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def _asked(question: tuple) -> Any:
    assert _ask is not None
    return _ask(*question)
