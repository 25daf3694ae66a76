"""Arithmetic on values with running error bounds: what a correct program of one precision may show at these operands.

Every operation adds its own rounding to what its operands bring along; near a singular point a function is bounded on
the whole ball around its argument, or the bound is infinite. Follows the rules of docs/bounds.md.
"""

from __future__ import annotations

from conform.engine.decisions import Decisions, conjunction, disjunction, negation
from conform.engine.elementary import FUNCTIONS
from conform.engine.precision import EVALUATOR, Precision
from conform.engine.products import Products
from conform.engine.sums import Sums

__all__ = ["EVALUATOR", "FUNCTIONS", "Arithmetic", "Precision", "conjunction", "disjunction", "negation"]


class Arithmetic(Sums, Products, Decisions):
    """Operations on `Value` in one precision and one order of axes."""
