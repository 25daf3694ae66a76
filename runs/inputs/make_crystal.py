"""The crystal of our runs: a made-up triclinic cell in a made-up orientation. Prints `crystal.mat`.

Nine numbers: a row for each component x, y, z in the laboratory, a column for each reciprocal vector a*, b*, c*. They
are in 1/Angstrom times the wavelength, as the indexing programs write them; the reader divides by the wavelength again.
"""
import math

Vector = tuple[float, float, float]

WAVELENGTH = 0.9768                                     # Angstrom
CELL = (27.12, 31.43, 33.91, 88.87, 71.63, 68.24)       # a, b, c in Angstrom; alpha, beta, gamma in degrees
TURN = (0.4817, -0.6203, 0.7391)                        # the axis of the orientation, in no special direction, ...
ANGLE = 113.7                                           # ... and the turn about it in degrees


def dot(u: Vector, v: Vector) -> float:
    return sum(a * b for a, b in zip(u, v))


def cross(u: Vector, v: Vector) -> Vector:
    return (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])


def direct_vectors(cell: tuple[float, ...]) -> tuple[Vector, Vector, Vector]:
    """a along x, b in the xy plane; Angstrom."""
    a, b, c = cell[:3]
    cos_alpha, cos_beta, cos_gamma = (math.cos(math.radians(angle)) for angle in cell[3:])
    sin_gamma = math.sin(math.radians(cell[5]))
    c_y = (cos_alpha - cos_beta * cos_gamma) / sin_gamma
    c_z = math.sqrt(1 - cos_beta * cos_beta - c_y * c_y)
    return (a, 0.0, 0.0), (b * cos_gamma, b * sin_gamma, 0.0), (c * cos_beta, c * c_y, c * c_z)


def reciprocal_vectors(cell: tuple[float, ...]) -> tuple[Vector, ...]:
    """a*, b*, c* with a . a* = 1 and a . b* = 0; 1/Angstrom, not yet oriented."""
    a, b, c = direct_vectors(cell)
    volume = dot(a, cross(b, c))
    return tuple(tuple(x / volume for x in cross(u, v)) for u, v in ((b, c), (c, a), (a, b)))


def rotate(v: Vector, axis: Vector, degrees: float) -> Vector:
    """Rodrigues: v cos t + (n x v) sin t + n (n . v) (1 - cos t), with n = axis / |axis|."""
    length = math.sqrt(dot(axis, axis))
    n = tuple(x / length for x in axis)
    cos, sin, along, across = math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), dot(n, v), cross(n, v)
    return tuple(v[i] * cos + across[i] * sin + n[i] * along * (1 - cos) for i in range(3))


def matrix_text() -> str:
    columns = [rotate(vector, TURN, ANGLE) for vector in reciprocal_vectors(CELL)]
    return "".join(" ".join(f"{column[row] * WAVELENGTH:12.8f}" for column in columns) + "\n" for row in range(3))


if __name__ == "__main__":
    print(matrix_text(), end="")
