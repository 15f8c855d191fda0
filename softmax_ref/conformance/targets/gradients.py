"""Gradients by automatic differentiation: f_vjp and f_jvp from f."""

from __future__ import annotations

from collections.abc import Callable

from softmax_ref.conformance.targets.importing import TargetError

__all__ = ["gradient"]


def gradient(fn: Callable, function: str, library: str) -> Callable:
    """Return the function of the corpus that ends in _vjp or _jvp, from the one it is the gradient of.

    Parameters
    ----------
    fn : callable
        The function itself, on arrays of the library. All its arguments of floats are differentiated.
    function : str
        Which gradient: the arguments are those of fn, and then one cotangent, or one tangent for each of them.
    library : {"torch", "jax"}
        What differentiates.
    """
    kind = function.rpartition("_")[2]
    if kind not in ("vjp", "jvp"):
        raise TargetError(f"--vjp needs a function that ends in _vjp or _jvp, got {function!r}")
    if library not in _ENGINES:
        raise TargetError(f"--vjp needs arrays of torch or jax, got {library}; see --array")
    return _ENGINES[library](fn, kind)


def _torch(fn: Callable, kind: str) -> Callable:
    import torch

    def vjp(*arrays, **keywords):
        *primals, cotangent = arrays
        leaves = [x.requires_grad_() for x in primals if x.is_floating_point()]
        return _one_or_all(torch.autograd.grad(fn(*primals, **keywords), leaves, cotangent))

    def jvp(*arrays, **keywords):
        of_floats, at, along = _split(arrays, torch.Tensor.is_floating_point, fn, keywords)
        return torch.func.jvp(of_floats, at, along)[1]

    return {"vjp": vjp, "jvp": jvp}[kind]


def _jax(fn: Callable, kind: str) -> Callable:
    import jax

    def is_float(x) -> bool:
        return jax.numpy.issubdtype(x.dtype, jax.numpy.floating)

    def vjp(*arrays, **keywords):
        *primals, cotangent = arrays
        pulled = jax.vjp(
            lambda *floats: fn(*_filled(primals, is_float, floats), **keywords), *filter(is_float, primals)
        )
        return _one_or_all(pulled[1](cotangent))

    def jvp(*arrays, **keywords):
        of_floats, at, along = _split(arrays, is_float, fn, keywords)
        return jax.jvp(of_floats, at, along)[1]

    return {"vjp": vjp, "jvp": jvp}[kind]


_ENGINES = {"torch": _torch, "jax": _jax}


def _one_or_all(gradients):
    return gradients[0] if len(gradients) == 1 else tuple(gradients)


def _split(arrays, is_float: Callable, fn: Callable, keywords: dict):
    """Return fn as a function of its floats alone, where it is differentiated, and the tangents."""
    count = sum(map(is_float, arrays)) // 2
    primals, tangents = arrays[:-count], arrays[-count:]
    at = tuple(filter(is_float, primals))
    return lambda *floats: fn(*_filled(primals, is_float, floats), **keywords), at, tuple(tangents)


def _filled(primals, is_float: Callable, floats) -> list:
    """Return the arguments with other floats in the places of their floats."""
    rest = iter(floats)
    return [next(rest) if is_float(x) else x for x in primals]
