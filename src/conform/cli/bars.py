"""The columns of a line of progress. Loaded only where a person looks on."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar
from rich.text import Text

from conform.run.took import Forecast

NEARLY = 0.99                            # of a forecast: it ends when the program ends


def stage(forecast: Forecast | None) -> tuple[ProgressColumn, ...]:
    """Of one program, or one thing that nobody counts."""
    first = (SpinnerColumn(), TextColumn("{task.description}"))
    return (*first, TimeElapsedColumn()) if forecast is None else (*first, _Expected(forecast), _Left(forecast))


def counted(kind: str) -> tuple[ProgressColumn, ...]:
    """Of so many things of a kind."""
    return TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), _Rate(kind)


class _Expected(ProgressColumn):
    """How much of last time's time has gone by."""

    def __init__(self, forecast: Forecast) -> None:
        super().__init__()
        self._forecast = forecast

    def render(self, task: Task) -> ProgressBar:
        return ProgressBar(total=1.0, completed=min(NEARLY, (task.elapsed or 0.0) / self._forecast.seconds), width=20)


class _Left(ProgressColumn):
    def __init__(self, forecast: Forecast) -> None:
        super().__init__()
        self._forecast = forecast

    def render(self, task: Task) -> Text:
        return Text(left_of(self._forecast, task.elapsed or 0.0))


class _Rate(ProgressColumn):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def render(self, task: Task) -> Text:
        return Text(rate(self._kind, task.speed, task.time_remaining))


def left_of(forecast: Forecast, elapsed: float) -> str:
    """How long it will still take if it takes as long as last time, and how fast that is."""
    seconds = forecast.seconds - elapsed
    time = f"about {clock(seconds)} left" if seconds > 0 else f"longer than the last {clock(forecast.seconds)}"
    return f"{time} · {figure(forecast.elements / forecast.seconds)} {forecast.kind}s/s" if forecast.elements else time


def rate(kind: str, speed: float | None, remaining: float | None) -> str:
    if speed is None:
        return ""
    time = f" · {clock(remaining)} left" if remaining is not None else ""
    return f"{figure(speed)} {kind}s/s{time}"


def figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
