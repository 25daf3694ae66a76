"""The syntax tree of a rules file: frozen nodes, each with its span. Knows no names, axes or units.

Equal text gives equal nodes wherever it stood, so spans take no part in comparison. Nodes compare and hash by
structure; that is what lets the evaluator form a common sub-expression once.
"""

from specs_dsl.syntax.expressions import At, Binary, Call, Compare, Expr, Fold, If, Is, Logic, Lookup, Name, Negative, Number, Pick, Reduce, Select
from specs_dsl.syntax.items import (
    AxisItem, Change, Clause, ConstItem, Equation, Flag, Guard, IncludeItem, Item, LetItem, QuantityItem, Quote, Requirement, RunItem, SpecItem,
    Statement, Tolerance, Unit, UnitItem,
)
from specs_dsl.syntax.walks import DEEPEST, children, count, deeper_than, parts, walk

__all__ = [
    "At", "AxisItem", "Binary", "Call", "Change", "Clause", "Compare", "ConstItem", "DEEPEST", "Equation", "Expr", "Flag", "Fold", "Guard", "If",
    "IncludeItem", "Is", "Item", "LetItem", "Logic", "Lookup", "Name", "Negative", "Number", "Pick", "QuantityItem", "Quote", "Reduce", "Requirement",
    "RunItem", "Select", "SpecItem", "Statement", "Tolerance", "Unit", "UnitItem", "children", "count", "deeper_than", "parts", "walk",
]
