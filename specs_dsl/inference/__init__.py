"""The type of an expression: its axes, its dimension and its kind. One walk finds all mistakes of all three.

A mistake gives the type None, which silences whatever would only follow from it.
"""

from specs_dsl.inference.along import FIRST_LAST
from specs_dsl.inference.infer import Inference
from specs_dsl.inference.types import Type, is_zero

__all__ = ["FIRST_LAST", "Inference", "Type", "is_zero"]
