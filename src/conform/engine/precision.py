"""What one side is granted: the roundoff of its precision, and the ulps of each function of its libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

EVALUATOR = 2.0**-53                     # right sides are evaluated in double precision, which rounds as well
SMALLEST = 2.0**-1074                    # below which nothing is left of it
DTYPES: Mapping[str, type] = {"float64": np.float64, "float32": np.float32}


@dataclass(frozen=True)
class Precision:
    """`unit` roundoff, `tiny` the smallest positive and `normal` the smallest normal number, `ulps` of each function.

    `evaluator`: what right sides are themselves evaluated with; 0 asks for the part of a bound that is due to the side.
    """

    dtype: str
    unit: float
    tiny: float
    normal: float
    ulps: Mapping[str, float]
    evaluator: float = EVALUATOR
    slack: float = 1.0                   # on the reach of a decision's operands: values are granted as much

    @property
    def roundoff(self) -> float:
        """Of one operation: the side's own rounding and the evaluator's."""
        return self.unit + self.evaluator

    @property
    def whole(self) -> float:
        """Integers up to here are exact, whatever type a program keeps them in."""
        return 1 / max(self.unit, EVALUATOR)

    def of_function(self, name: str) -> float:
        """The granted ulps relative to the result: an ulp is at most two unit roundoffs. Our own libraries stay within one."""
        return 2 * (self.ulps[name] * self.unit + self.evaluator)

    def holds(self, text: str, number: float) -> bool:
        """Whether a number as written, whose nearest double is `number`, is one of this precision."""
        from decimal import Decimal                     # exact, and quick whatever the exponent: Fraction("1e-999999999") is not

        with np.errstate(over="ignore"):
            return float(DTYPES[self.dtype](number)) == number and Decimal(text) == Decimal(number)
