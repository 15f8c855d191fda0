"""The Jacobian of softmax, which is the Hessian of logsumexp."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import shifted, slices
from .slices import quiet


@quiet
def softmax_jacobian(z: ArrayLike, /) -> NDArray:
    r"""Return the Jacobian of softmax along the last axis, which is the Hessian of logsumexp.

    .. math:: J_{ij} = \partial p_i / \partial z_j = p_i (\delta_{ij} - p_j), \qquad p = \operatorname{softmax}(z)

    Parameters
    ----------
    z : array_like of real numbers, shape (..., K), K >= 1
        Logits of K classes, dimensionless.

    Returns
    -------
    ndarray, shape (..., K, K), the floating dtype of z (float64 for integers and booleans)
        Symmetric, positive semidefinite matrices; their rows sum to 0 up to rounding.

    Raises
    ------
    ValueError
        The last axis is empty.
    TypeError
        z is complex, object or string.

    Notes
    -----
    On the diagonal, 1 - p of the top class is the sum of the others over the total, which does not cancel.
    logsumexp_hessian is this same function.

    Claims: C18, C51-C53, C71, C72, C88 (notebooks/02_derivatives.ipynb).
    Error bound: notebooks/18_rounding_relatives.ipynb.
    Possible issues: the result has K times the entries of z. A row of z with nan, +inf or only -inf gives nan.

    References
    ----------
    .. [1] Martins, Astudillo (2016), Proc. 33rd Int. Conf. Machine Learning (PMLR 48), 1614-1623.

    Examples
    --------
    >>> softmax_jacobian([0.0, 0.0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    z = slices.real_array("softmax_jacobian", "z", z)
    rows, table, _ = slices.logits("softmax_jacobian", z, -1)
    blocks = slices.by_blocks(jacobian, slices.result_dtype(z), table, width=rows.width**2)
    return blocks.reshape(*rows.full, rows.width)


def jacobian(x):
    """Return p_i (delta_ij - p_j) for each row; the diagonal takes 1 - p from the other classes."""
    p, q = shifted.weights_and_complements(x)
    j = -p[:, :, None] * p[:, None, :]
    k = np.arange(p.shape[-1])
    j[:, k, k] = p * q
    return j + 0.0


logsumexp_hessian = softmax_jacobian
