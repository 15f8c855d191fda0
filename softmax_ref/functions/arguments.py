"""Arguments of the models: generators, shapes, labels, finite tables and distributions."""

import operator

import numpy as np

from . import slices


def generator(function, rng):
    """Return rng, or raise TypeError: random numbers come from a generator that the caller has seeded."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{function}: rng must be a numpy.random.Generator, got {rng!r}; try numpy.random.default_rng(0)"
        )
    return rng


def shape(function, argument, size):
    """Return size as a shape: None is (), a number n is (n,)."""
    try:
        sizes = size if isinstance(size, tuple) else () if size is None else (size,)
        sizes = tuple(map(operator.index, sizes))
    except TypeError:
        raise TypeError(f"{function}: {argument} must be an integer or a tuple of integers, got {size!r}") from None
    if any(n < 0 for n in sizes):
        raise ValueError(f"{function}: {argument} must not be negative, got {size}")
    return sizes


def array(function, argument, value, *dimensions):
    """Return value as float64 with the named dimensions, none of them empty; a number among them must be the length."""
    found = slices.real_array(function, argument, value).astype(np.float64)
    if found.ndim == len(dimensions) and not found.size:
        raise ValueError(f"{function}: {argument} must not be empty, got shape {found.shape}")
    fits = found.ndim == len(dimensions) and all(
        not isinstance(d, int) or n == d for n, d in zip(found.shape, dimensions, strict=True)
    )
    if not fits:
        wanted = ", ".join(map(str, dimensions)) + ("," if len(dimensions) == 1 else "")
        raise ValueError(f"{function}: {argument} must have shape ({wanted}), got shape {found.shape}")
    return found


def finite(function, argument, value, *dimensions):
    """Return value as an array() of finite numbers."""
    found = array(function, argument, value, *dimensions)
    refuse(function, argument, found, ~np.isfinite(found), "be finite")
    return found


def refuse(function, argument, found, wrong, rule):
    """Raise ValueError with the first wrong entry, if there is one."""
    if wrong.any():
        raise ValueError(f"{function}: {argument} must {rule}, got {found[wrong].flat[0]}")


def logits(function, z):
    """Return a row of logits as float64: -inf is an impossible class, but some class must be possible."""
    z = array(function, "z", z, "K")
    refuse(function, "z", z, np.isnan(z) | (z == np.inf), "be below +inf")
    if z.max() == -np.inf:
        raise ValueError(f"{function}: z must hold a logit above -inf, got only -inf")
    return z


def distribution(function, argument, value, length):
    """Return value as float64 if it is a distribution as far as its dtype can tell."""
    p = finite(function, argument, value, length)
    refuse(function, argument, p, p < 0, "not be negative")
    # A softmax of the given dtype sums to 1 within K units of roundoff, half an eps each.
    eps = max(float(np.spacing(np.ones((), dtype))) for dtype in (slices.result_dtype(np.asarray(value)), p.dtype))
    if abs(p.sum() - 1) > len(p) * eps:
        raise ValueError(f"{function}: {argument} must sum to 1, got sum {p.sum()}")
    return p


def classes(function, argument, value, count):
    """Return value as integers, each of them a class in [0, count)."""
    found = np.asarray(value)
    if found.size and found.dtype.kind not in "iu":
        raise TypeError(f"{function}: {argument} must be integers, got dtype {found.dtype}")
    refuse(function, argument, found, (found < 0) | (found >= count), f"lie in [0, {count})")
    return found.astype(np.intp)
