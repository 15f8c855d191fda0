"""What well-known callables compute, and how their calling form differs from the corpus'."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace

from softmax_ref.corpus import ALIASES, CORPUS_FUNCTIONS

__all__ = ["Form", "form_of", "in_form"]


@dataclass(frozen=True)
class Form:
    """How a callable is called.

    Attributes
    ----------
    function : str
        What of the corpus it computes.
    axis : str
        What it calls the axis.
    array : str or None
        Whose arrays it takes, where its module does not tell.
    keywords : tuple of str
        The names of the arrays after the first, where it takes them by name.
    """

    function: str
    axis: str = "axis"
    array: str | None = None
    keywords: tuple[str, ...] = ()


KNOWN = {
    **{
        f"{module}:{name}": Form(name, "dim")
        for module in ("torch", "torch.nn.functional", "torch.special")
        for name in ("softmax", "log_softmax", "logsumexp")
    },
    "torch:sigmoid": Form("logistic"),
    "torch.special:expit": Form("logistic"),
    "torch.nn.functional:sigmoid": Form("logistic"),
    "torch.nn.functional:logsigmoid": Form("log_logistic"),
    "jax.nn:sigmoid": Form("logistic"),
    "jax.nn:log_sigmoid": Form("log_logistic"),
    "jax.scipy.special:expit": Form("logistic"),
    "scipy.special:expit": Form("logistic"),
    "scipy.special:log_expit": Form("log_logistic"),
    "entmax:sparsemax": Form("sparsemax", "dim", "torch"),
    "entmax:entmax15": Form("entmax15", "dim", "torch"),
    "entmax:entmax_bisect": Form("entmax", "dim", "torch"),
}
"""By the text of the target: whatever differs from the form of the corpus."""

BY_FUNCTION = {("jax.nn:softmax", "masked_softmax"): Form("masked_softmax", keywords=("where",))}
"""By target and function: another calling form of a callable that computes something else by default."""


def form_of(target: str, fn: Callable, function: str | None, vjp: bool = False) -> Form:
    """Return the form of a callable: from the tables, else by its name and its signature.

    Parameters
    ----------
    target : str
        Its text.
    fn : callable
        The callable.
    function : str or None
        What it is said to compute.
    vjp : bool
        Whether its gradient is asked for.
    """
    if (target, function) in BY_FUNCTION:
        return BY_FUNCTION[target, function]
    name = target.rpartition(":")[2].rpartition(".")[2]
    own = name if name in (*CORPUS_FUNCTIONS, *ALIASES) else "softmax"
    known = KNOWN.get(target, Form(own, _axis(fn)))
    return replace(known, function=function or known.function + "_vjp" * vjp)


def _axis(fn: Callable) -> str:
    """Return `dim` where a callable takes that, and no axis."""
    try:
        names = inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return "axis"
    return "dim" if "dim" in names and "axis" not in names else "axis"


def in_form(fn: Callable, form: Form) -> Callable:
    """Return a callable in the form of the corpus."""
    if form.axis == "axis" and not form.keywords:
        return fn

    def called(*arrays, **keywords):
        if "axis" in keywords:
            keywords[form.axis] = keywords.pop("axis")
        count = len(arrays) - len(form.keywords)
        return fn(*arrays[:count], **dict(zip(form.keywords, arrays[count:], strict=True)), **keywords)

    return called
