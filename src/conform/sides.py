"""From bundles and logs to sides: opened, each with the inputs that it lacks and a neighbour has, their labels put right.

Runs nothing, so that comparing what exists already loads nothing that runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conform.engine.check import arithmetic_of
from conform.engine.derive import derived
from conform.engine.labels import with_true_units
from conform.engine.operands import Elsewhere, Side, open_side
from conform.engine.tolerances import Profile, load_profile
from conform.run.logs import check_lent_elements, with_elements
from conform.run.project import Project
from conform.trace.borrow import complete
from conform.trace.bundle import Bundle
from conform.trace.logs.open import LogSide
from specs_dsl.spec import Spec

DTYPES = ("float64", "float32")


def profiles_of(project: Project) -> dict[str, Profile]:
    """What a correct program of each precision is granted."""
    return {dtype: load_profile(project.tolerances(dtype)) for dtype in DTYPES}


def completed(spec: Spec, bundles: Mapping[str, Bundle], profiles: Mapping[str, Profile], rules: Mapping[str, Mapping[str, str]]) -> list[Side]:
    """Opened, each with the inputs that it lacks and a neighbour has; the labels of logs are put right.

    `rules`: of logs, how it follows where their elements lie.
    """
    inputs = [name for name, quantity in spec.quantities.items() if quantity.role == "input"]
    opened = [open_side(name, bundle, spec) for name, bundle in complete(bundles, inputs).items()]
    for side in opened:
        check_lent_elements(side, rules.get(side.name, {}), profiles)
    return [with_true_units(side, profiles, [other for other in opened if other is not side]) if side.bundle.is_log else side for side in opened]


def put_beside(sides: Sequence[Side], others: Mapping[str, Sequence[Side]], profiles: Mapping[str, Profile]) -> None:
    """Give each side what `@` stands for: the other sides, and itself in other runs."""
    for side in sides:
        side.elsewhere = _all(sides, profiles)
    for run, there in others.items():
        for side in there:
            side.elsewhere = _all(there, profiles)
            here = next(one for one in sides if one.name == side.name)
            here.elsewhere[run] = Elsewhere(side, arithmetic_of(side, profiles)[0])


def _all(sides: Sequence[Side], profiles: Mapping[str, Profile]) -> dict[str, Elsewhere]:
    return {side.name: Elsewhere(side, arithmetic_of(side, profiles)[0]) for side in sides}


def opened_beside(bundles: Mapping[str, Bundle], spec: Spec) -> list[Side]:
    """The sides of another run, each with the inputs that it lacks and a neighbour has."""
    inputs = [name for name, quantity in spec.quantities.items() if quantity.role == "input"]
    return [open_side(name, bundle, spec) for name, bundle in complete(bundles, inputs).items()]


def located(log: LogSide, bundle: Bundle, profiles: Mapping[str, Profile]) -> Bundle:
    """The log's bundle, which says where its elements lie if that follows from what it shows."""
    rules = {name: text for name, text in log.named.dialect.derived.items() if name in log.spec.quantities and not bundle.has(name)}
    if not rules:
        return bundle
    return with_elements(bundle, derived(open_side(log.name, bundle, log.spec), rules, profiles), log.spec)
