"""The binding of a C source: which identifier is which quantity, complete at which loop level, in which unit.

Knows TOML and what may be said. Knows no C: whether a name exists is seen when a source is instrumented with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from conform.toml import Strict, check_relative, load

RUN, AFTER = "run", "after"              # outside the nest of loops: before it, after it
PIXEL = "pixel"
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1, pattern=r"^[^\r\n\\#]*$")]      # C on one line that is no directive


class Nest(Strict):
    """The outermost loop: what stands before it is the run's, and is handed over just before it."""

    function: Name = "main"
    loop: Name
    slow: Text | None = None             # the sizes of the image, if they are not the limits of its two loops
    fast: Text | None = None

    @model_validator(mode="after")
    def _both_sizes(self) -> Nest:
        if (self.slow is None) != (self.fast is None):
            raise ValueError("give both `slow` and `fast`, or neither")
        return self


class Level(Strict):
    """A loop level: the body of the loop over `loop` (of several, the innermost), or without one the body of `function`."""

    axis: Name | None = None             # the level's own name, if left out
    function: Name | None = None         # that of the level around it, if left out
    loop: Name | tuple[Name, ...] | None = None
    index: Text | tuple[Text, Text] | None = None      # the loop variable, if left out; of pixels: slow, fast
    size: Text | None = None             # of the axis, just before the nest: the limit of the loop, if left out
    inside: Name | None = None           # the level around it: the one before, if left out

    @property
    def loops(self) -> tuple[str, ...]:
        return (self.loop,) if isinstance(self.loop, str) else self.loop or ()


class Grid(Strict):
    """A grid axis: the index of its first element and how many there are, just before the nest; `when` it exists."""

    first: Text
    size: Text
    when: Text | None = None


class Quantity(Strict):
    """Where one quantity is complete, and the C expression of it. docs/instrument.md explains each key."""

    unit: str
    level: Name = RUN
    dtype: Literal["float64", "float32", "int64"] = "float64"
    value: Text | tuple[Text, ...] | None = None       # an expression, or one for each component
    vector: Name | tuple[Name, ...] | None = None      # arrays whose elements from `first` on are the components
    first: int = 0
    pointer: Text | None = None          # of all components in one piece
    table: Text | None = None            # of a grid, with the strides of its axes
    count_of: Name | None = None         # the size of a loop axis
    strides: tuple[Text, ...] = ()
    components: tuple[Name, ...] = ()    # component or grid axes
    component: Text | None = None        # the index of the one component that `value` is
    each: tuple[Name, ...] = ()          # axes that the probe loops over by itself: {source} in the expressions
    function: Name | None = None
    place: Literal["last", "there", "start", "end"] = "last"
    inner: Literal["before", "after"] | None = None
    before: Text | None = None
    after: Text | None = None
    when: Text | None = None
    words: tuple[Name, ...] = ()
    optional: bool = False               # not every version of the program has it

    @model_validator(mode="after")
    def _one_form(self) -> Quantity:
        forms = [key for key in ("value", "vector", "pointer", "table", "count_of") if getattr(self, key) is not None]
        if len(forms) != 1:
            raise ValueError("give one of `value`, `vector`, `pointer`, `table`, `count_of`")
        if self.table is not None and len(self.strides) != len(self.components):
            raise ValueError("a `table` needs as many `strides` as `components`")
        if self.words and self.dtype != "int64":
            raise ValueError("a choice among `words` is an int64")
        if self.after is not None and (self.before, self.inner, self.place) != (None, None, "last"):
            raise ValueError("`after` says the place by itself: leave out `before`, `inner` and `place`")
        if self.each and self.component is not None:
            raise ValueError("`component` and `each` exclude one another")
        return self


class Build(Strict):
    """How the source is compiled. CFLAGS takes the place of `flags`."""

    flags: tuple[str, ...] = ("-O2", "-ffp-contract=off", "-fopenmp")
    link: tuple[str, ...] = ("-lm",)
    sources: tuple[str, ...] = ()        # other C files of the program, relative to the source

    @model_validator(mode="after")
    def _beside_the_source(self) -> Build:
        check_relative(self.sources)
        return self


class Binding(Strict):
    program: str
    version: str = ""
    main: Name = "main"                  # the function that the program starts with
    nest: Nest
    levels: Mapping[Name, Level]         # outermost first
    components: Mapping[Name, tuple[Name, ...]] = {}
    grids: Mapping[Name, Grid] = {}
    quantities: Annotated[Mapping[Name, Quantity], Field(min_length=1)]
    quirks: Mapping[Name, Text] = {}     # named departures, and when the program shows them
    quirk_flag: str | None = None
    known: tuple[Name, ...] = ()         # names that headers define and the source uses
    build: Build = Build()

    @model_validator(mode="after")
    def _names_fit(self) -> Binding:
        for name, level in self.levels.items():
            if name in (RUN, AFTER):
                raise ValueError(f"levels.{name}: `{name}` is outside the loops; take another name")
            if level.inside not in (None, RUN, *self.levels):
                raise ValueError(f"levels.{name}: inside: there is no level `{level.inside}`")
            if (self.axis(name) == PIXEL) != isinstance(level.index, tuple):
                raise ValueError(f"levels.{name}: only of pixels is `index` a pair, slow and fast")
            if level.index is None and not level.loops:
                raise ValueError(f"levels.{name}: give `loop` or `index`")
            if not level.loops and level.size is None and self.axis(name) != PIXEL and not self._is_sized(self.axis(name)):
                raise ValueError(f"levels.{name}: without a `loop` it needs a `size`")
        for name, quantity in self.quantities.items():
            self._check_quantity(name, quantity)
        self._check_pixels()
        return self

    def _check_quantity(self, name: str, quantity: Quantity) -> None:
        if quantity.level not in (RUN, AFTER, *self.levels):
            raise ValueError(f"quantities.{name}: there is no level `{quantity.level}`; levels: {', '.join((RUN, AFTER, *self.levels))}")
        axes = (*self.axes(quantity), *((quantity.count_of,) if quantity.count_of else ()))
        if unknown := [axis for axis in axes if axis not in self.all_axes]:
            raise ValueError(f"quantities.{name}: there is no axis `{unknown[0]}`; axes: {', '.join(self.all_axes)}")
        if doubled := [axis for axis in axes if self.axes(quantity).count(axis) > 1]:
            raise ValueError(f"quantities.{name}: the axis `{doubled[0]}` twice")
        if wrong := [axis for axis in quantity.components if axis not in (*self.components, *self.grids)]:
            raise ValueError(f"quantities.{name}: `{wrong[0]}` is a loop, not a component axis")

    def _check_pixels(self) -> None:
        if self.nest.slow is not None and not self.has_pixels:
            raise ValueError("nest.slow and nest.fast are sizes of an image, and there is no level `pixel`")

    def _is_sized(self, axis: str) -> bool:
        return any(level.size for name, level in self.levels.items() if self.axis(name) == axis)

    @property
    def has_pixels(self) -> bool:
        return any(self.axis(name) == PIXEL for name in self.levels)

    def axis(self, level: str) -> str:
        return self.levels[level].axis or level

    def around(self, level: str) -> str:
        """The level around a level; RUN if there is none."""
        before = RUN
        for name in self.levels:
            if name == level:
                return self.levels[name].inside or before
            before = name
        raise KeyError(level)

    def chain(self, level: str) -> tuple[str, ...]:
        """The levels from the outermost to this one."""
        return () if level in (RUN, AFTER) else (*self.chain(self.around(level)), level)

    def axes(self, quantity: Quantity) -> tuple[str, ...]:
        """Of the traced array: loops, those that the probe makes, components."""
        loops = tuple(self.axis(level) for level in self.chain(quantity.level))
        made = tuple(axis for axis in quantity.each if axis not in quantity.components)
        return (*loops, *made, *quantity.components)

    @cached_property
    def loop_axes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.axis(name) for name in self.levels))

    @cached_property
    def all_axes(self) -> tuple[str, ...]:
        return (*self.loop_axes, *self.components, *self.grids)

    def size(self, axis: str) -> str:
        """The C expression of a size that is not the image's; KeyError if nobody says."""
        if axis in self.grids:
            return self.grids[axis].size
        if axis in self.components:
            return str(len(self.components[axis]))
        return {self.axis(name): level.size for name, level in reversed(self.levels.items()) if level.size}[axis]


def load_binding(path: Path) -> Binding:
    """Read and validate; UsageProblem names file, key and what is allowed there."""
    return load(path, Binding, "binding")
