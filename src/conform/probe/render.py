"""The C text of probes, and the two small files that a probed copy is compiled with.

Knows conform_probe.h. The copy itself gets calls only; every declaration stands in conform_trace.h.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from conform.probe.binding import PIXEL, Binding, Quantity
from conform.probe.place import loop_variable, without_own_loops

HEADER, UNIT = "conform_trace.h", "conform_trace.c"
_TYPES = {"float64": "F64", "float32": "F32", "int64": "I64"}


def start() -> str:
    return "CONFORM_START();"


def begin(binding: Binding, skip: Iterable[str] = ()) -> str:
    """Before the nest: sizes, and room for what it puts. `skip`: axes whose size cannot be had."""
    parts = sizes(binding, skip)
    return " ".join([*parts, *(f"CONFORM_WHEN({condition}, CONFORM_QUIRK(\"{name}\"));" for name, condition in binding.quirks.items())])


def sizes(binding: Binding, skip: Iterable[str] = ()) -> list[str]:
    nest = binding.nest
    parts = [f"CONFORM_FRAME({nest.slow}, {nest.fast});"] if nest.slow else []
    parts += [axis(binding, name) for name in binding.loop_axes if name != PIXEL and name not in skip]
    for name, grid in binding.grids.items():
        if name not in skip:
            call = f"CONFORM_GRID({name}, {grid.first}, {grid.size})"
            parts.append(f"CONFORM_WHEN({grid.when}, {call});" if grid.when else f"{call};")
    return parts


def axis(binding: Binding, name: str) -> str:
    """The size of a loop axis."""
    return f"CONFORM_AXIS({name}, {binding.size(name)});"


def entry(binding: Binding, level: str) -> str:
    """The first thing in the body of a level: where this thread is."""
    declared = binding.levels[level]
    if isinstance(declared.index, tuple):
        return f"CONFORM_PIXEL({declared.index[0]}, {declared.index[1]});"
    return f"CONFORM_AT({binding.axis(level)}, {declared.index or declared.loop});"


def probe(binding: Binding, name: str, quantity: Quantity) -> str:
    """One statement that hands the value over."""
    calls = [without_own_loops(quantity, call) for call in _calls(binding, name, quantity)]
    call = calls[0] if len(calls) == 1 else f"({', '.join(calls)})"
    text = f"CONFORM_WHEN(({quantity.when}), {call});" if quantity.when else f"{call};"
    at = "".join(f"CONFORM_AT({axis}, {loop_variable(axis)}); " for axis in quantity.each if axis in binding.loop_axes)
    text = at + without_own_loops(quantity, text)
    for axis in reversed(quantity.each):
        variable = loop_variable(axis)
        text = f"{{ long {variable}; for ({variable} = 0; {variable} < (long)({binding.size(axis)}); {variable}++) {{ {text} }} }}"
    return text


def _calls(binding: Binding, name: str, quantity: Quantity) -> list[str]:
    put = "CONFORM_PUT_INT" if quantity.dtype == "int64" else "CONFORM_PUT"
    if quantity.table is not None:
        strides = (*quantity.strides, "1", "1")[:3] if quantity.strides else ("1", "1", "1")
        return [f"CONFORM_PUT_TABLE({name}, {quantity.table}, {', '.join(strides)})"]
    if quantity.pointer is not None:
        return [f"CONFORM_PUT_ARRAY({name}, {quantity.pointer})"]
    values = _values(binding, quantity)
    made = [axis for axis in quantity.each if axis in quantity.components]
    if quantity.component is not None or made:
        index = quantity.component if quantity.component is not None else _flat(binding, quantity)
        return [f"{put}_AT({name}, {index}, {values[0]})"]
    if not quantity.components:
        return [f"{put}({name}, {values[0]})"]
    if len(values) == 3:
        return [f"{put}3({name}, {', '.join(values)})"]
    return [f"{put}_AT({name}, {i}, {value})" for i, value in enumerate(values)]


def _values(binding: Binding, quantity: Quantity) -> tuple[str, ...]:
    if quantity.count_of is not None:
        return (binding.size(quantity.count_of),)
    if quantity.value is not None:
        return (quantity.value,) if isinstance(quantity.value, str) else quantity.value
    vectors = (quantity.vector,) if isinstance(quantity.vector, str) else quantity.vector or ()
    count = int(binding.size(quantity.components[-1])) if quantity.components else 1
    return tuple(f"{vector}[{quantity.first + i}]" for vector in vectors for i in range(count))


def _flat(binding: Binding, quantity: Quantity) -> str:
    """The place of {h}, {k}, {l} in C order."""
    text = "0"
    for axis in quantity.components:
        text = f"({text}) * (long)({binding.size(axis)}) + {loop_variable(axis)}"
    return text


def count_problem(binding: Binding, quantity: Quantity) -> str:
    """What is wrong with the number of values that a probe gives; empty if nothing."""
    if quantity.pointer is not None or quantity.table is not None:
        return "" if quantity.components else "a `pointer` or `table` needs `components`"
    values = len(_values(binding, quantity))
    wanted = 1
    for axis in quantity.components:
        if axis not in quantity.each and quantity.component is None:
            if axis in binding.grids:
                return f"`{axis}` is a grid: give a `table`, or `each`"
            wanted *= len(binding.components[axis])
    return "" if values == wanted else f"{values} values for {wanted} components"


def header(binding: Binding, names: Iterable[str]) -> str:
    """conform_trace.h: what the probes of the copy hand over. `names` are the quantities that have a probe."""
    rows = "".join(f" \\\n\tQ({name}, {json.dumps(quantity.unit)}, {_TYPES[quantity.dtype]}, \"{' '.join(binding.axes(quantity))}\")"
                   for name, quantity in binding.quantities.items() if name in set(names))
    axes = " ".join(f"AXIS({axis})" for axis in binding.all_axes if axis != PIXEL)
    return f"""/* Written by conform: what the probed copy of a program traces. */
#ifndef CONFORM_TRACE_H
#define CONFORM_TRACE_H
#define CONFORM_AXES(AXIS) {axes}
#define CONFORM_QUANTITIES(Q){rows}
#include "conform_probe.h"
#ifdef CONFORM_PROBES
void conform_start(void);
#define CONFORM_START() conform_start()
#define CONFORM_WHEN(condition, probe) (conform_is_tracing() && (condition) ? (probe) : (void)0)
#else
#define CONFORM_START() ((void)0)
#define CONFORM_WHEN(condition, probe) ((void)0)
#endif
#endif
"""


def unit(binding: Binding, names: Iterable[str]) -> str:
    """conform_trace.c: the only place of the implementation, so that it meets no macro or flag of the program."""
    lines = [f"\tCONFORM_COMPONENTS({axis}, \"{' '.join(labels)}\");" for axis, labels in binding.components.items()]
    lines += [f"\tCONFORM_WORDS({name}, \"{' '.join(quantity.words)}\");" for name, quantity in binding.quantities.items()
              if quantity.words and name in set(names)]
    return f"""/* Written by conform: opens the trace where the program starts and writes it where the program ends, however it does. */
#define CONFORM_IMPLEMENTATION
#include "{HEADER}"
#ifdef CONFORM_PROBES
void conform_start(void)
{{
	CONFORM_OPEN({json.dumps(binding.program)}, {json.dumps(binding.version)});
{chr(10).join(lines)}
	if (conform_is_tracing() && atexit(conform_end) != 0)
		exit(CONFORM_EXIT);
}}
#endif
"""
