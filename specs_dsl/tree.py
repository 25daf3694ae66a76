"""Items and statements from the raw parse tree."""

from __future__ import annotations

from specs_dsl import syntax as s
from specs_dsl.branches import Branches


class Items(Branches):
    """Lark's tree of one item to ours: `transform` gives a tuple of items."""

    def start(self, _, items: list[object]) -> tuple[s.Item, ...]:
        flat: list[s.Item] = []
        for item in items:
            flat.extend(item if isinstance(item, tuple) else (item,))  # type: ignore[arg-type]
        return tuple(flat)

    # --- items ---------------------------------------------------------------------------------------------------
    def spec(self, meta, parts):
        return s.SpecItem(str(parts[0]), parts[1][1:-1], span=self._at(meta))

    def include(self, meta, parts):
        return s.IncludeItem(parts[0][1:-1], span=self._at(meta))

    def unit_item(self, meta, parts):
        return s.UnitItem(self._name(parts[0]), parts[1], span=self._at(meta))

    def loop_axes(self, meta, parts):
        return tuple(s.AxisItem(name, "loop", (), False, span=name.span) for name in self._names(parts))

    def grid_axes(self, meta, parts):
        return tuple(s.AxisItem(name, "grid", (), False, span=name.span) for name in self._names(parts))

    def component_axis(self, meta, parts):
        *labels, vector = parts[1:]
        return s.AxisItem(self._name(parts[0]), "component", tuple(map(str, labels)), vector is not None, span=self._at(meta))

    def axes(self, _, parts):
        return self._names(parts)

    names = axes

    def input(self, meta, parts):
        name, axes, (unit, choices), flags = parts
        return s.QuantityItem("input", self._name(name), axes or (), unit, choices, None, flags or (), span=self._at(meta))

    def flags(self, _, parts):
        return tuple(parts)

    def flag(self, meta, parts):
        return s.Flag(parts[0][1:-1], str(parts[1]) if parts[1] else None, span=self._at(meta))

    def value(self, meta, parts):
        name, axes, (unit, choices), guard = parts
        return s.QuantityItem("value", self._name(name), axes or (), unit, choices, guard, span=self._at(meta))

    def const(self, meta, parts):
        return s.ConstItem(self._name(parts[0]), parts[1], parts[2], span=self._at(meta))

    def let(self, meta, parts):
        return s.LetItem(self._name(parts[0]), parts[1] or (), parts[2], span=self._at(meta))

    def run(self, meta, parts):
        return s.RunItem(self._name(parts[0]), tuple(parts[1:]), span=self._at(meta))

    def set_input(self, meta, parts):
        return s.Change(self._name(parts[0]), parts[1], "", span=self._at(meta))

    def add_words(self, meta, parts):
        return s.Change(None, None, parts[0][1:-1], span=self._at(meta))

    def parameters(self, _, parts):
        return tuple(parts)

    def parameter(self, _, parts):
        return self._name(parts[0]), parts[1]

    def clause(self, meta, parts):
        token, (title, *quotes), *statements = parts
        return s.Clause(str(token), title.text, tuple(quotes), tuple(statements), id_span=self._token(token), span=self._at(meta))

    def sentences(self, _, parts):
        return tuple(s.Quote(token[1:-1], span=self._token(token)) for token in parts)

    # --- types and units -----------------------------------------------------------------------------------------
    def unit_type(self, _, parts):
        return parts[0], ()

    def choice_type(self, _, parts):
        return None, tuple(map(str, parts))

    def unit(self, meta, parts):
        return s.Unit("".join(map(str, parts)), span=self._at(meta))

    def unit_factor(self, _, parts):
        return str(parts[0]) + (f"^{parts[1]}" if parts[1] is not None else "")

    def signed_int(self, _, parts):
        return ("-" if parts[0] else "") + str(parts[1])

    def signed(self, meta, parts):
        return s.Number(("-" if parts[0] else "") + str(parts[1]), span=self._at(meta))

    # --- statements ----------------------------------------------------------------------------------------------
    def equation(self, meta, parts):
        return s.Equation(self._name(parts[0]), parts[1], parts[2], parts[3], span=self._at(meta))

    def requirement(self, meta, parts):
        return s.Requirement(parts[0], parts[1], parts[2], span=self._at(meta))

    def when(self, meta, parts):
        return s.Guard(parts[0], span=self._at(meta))

    def otherwise(self, meta, parts):
        return s.Guard(None, span=self._at(meta))

    def tolerance(self, meta, parts):
        amount = s.Number(str(parts[0]), span=self._token(parts[0]))
        return s.Tolerance(amount, str(parts[1]), parts[2][1:-1] if parts[2] else None, span=self._at(meta))
