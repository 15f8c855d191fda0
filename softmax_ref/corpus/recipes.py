"""Long rows as an integer formula that any language rebuilds exactly.

A recipe holds the integers ``start, step, multiplier, modulus, shift`` and a list ``set`` of pairs. Entry i, counted
in row-major order, is::

    n_i = start + step * ((multiplier * i) mod modulus),    value_i = n_i * 2^-shift

except that each pair [i, n] of ``set`` replaces n_i by n. Every value is a number of the case's format.
"""

import numpy as np

__all__ = ["build_recipe"]


def build_recipe(recipe: dict, shape: tuple[int, ...]) -> np.ndarray:
    """Return the float64 values of a recipe in their shape.

    Examples
    --------
    >>> recipe = {"start": -2, "step": 1, "multiplier": 3, "modulus": 4, "shift": 1, "set": [[0, 10]]}
    >>> build_recipe(recipe, (2, 3))
    array([[ 5. ,  0.5,  0. ],
           [-0.5, -1. ,  0.5]])
    """
    index = np.arange(int(np.prod(shape)), dtype=np.int64)
    numerator = recipe["start"] + recipe["step"] * (recipe["multiplier"] * index % recipe["modulus"])
    for i, n in recipe["set"]:
        numerator[i] = n
    return np.ldexp(numerator.astype(np.float64), -recipe["shift"]).reshape(shape)
