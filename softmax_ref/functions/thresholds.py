"""Rows of probabilities that are exactly 0 below a threshold: the deformed exponential of z - t.

With e(x) = (1 + (alpha - 1) x)_+^(1/(alpha - 1)), entmax is p_i = e(z_i - t), where t makes the sum 1. The derivative
of e is e^(2 - alpha), so each function here returns p and the slopes s = p^(2 - alpha). The sum is convex in t: Newton's
method from below approaches t without passing it.
"""

import numpy as np

# On equal logits a step of Newton's method divides the sum, K at first, by e or more; a few more steps make it exact.
# 17 steps are the most that K = 65537 took; log(2^64) + 10 is the cap.
STEPS = 55


def weights_and_slopes(x, alpha):
    """Return entmax of each row, and its slopes; alpha = 2 and 1.5 by sorting, 1 < alpha < 2 by Newton's method."""
    exact = {1.5: quadratic, 2: linear}
    return exact[alpha](x) if alpha in exact else general(x, alpha)


def linear(x):
    """Return (x - tau)_+ for each row, and its support as ones."""
    d, r, n = shifted_and_sorted(x)
    sums = r.cumsum(axis=1)
    k = at_least_one(1 + n * r > sums)
    tau = (np.take_along_axis(sums, k - 1, axis=1) - 1) / k
    p = np.maximum(d - tau, 0)
    p = np.maximum(d - (tau + excess(p, np.sign(p))), 0)
    return p, np.sign(p)


def quadratic(x):
    """Return (x/2 - tau)_+^2 for each row, and its root."""
    d, r, n = shifted_and_sorted(x / 2)
    mean = r.cumsum(axis=1) / n
    # (mean - tau)^2 is what the squares of r - mean leave of the sum 1; below 0 no tau has this support.
    rest = (1 - (r * r).cumsum(axis=1)) / n + mean * mean
    taus = mean - np.sqrt(np.maximum(rest, 0))
    tau = np.take_along_axis(taus, at_least_one(taus < r) - 1, axis=1)
    root = np.maximum(d - tau, 0)
    root = np.maximum(d - (tau + excess(root * root, 2 * root)), 0)
    return root * root, root


def general(x, alpha):
    """Return e(x - t) for each row, and its slopes."""
    d = x - x.max(axis=1, keepdims=True)
    t = np.zeros_like(d[:, :1])
    for _ in range(STEPS):
        p, slopes = deformed(d - t, alpha)
        step = excess(p, slopes)
        step = np.where(step < np.finfo(d.dtype).eps * t, 0, step)
        if not step.any():
            break
        t += step
    return p, slopes


def deformed(y, alpha):
    """Return the deformed exponential of y <= 0, and its derivative."""
    log_p = np.log1p(np.maximum((alpha - 1) * y, -1)) / (alpha - 1)
    return np.exp(log_p), np.exp((2 - alpha) * log_p)


def shifted_and_sorted(x):
    """Return x - max for each row, the same from the largest on, and the places 1, 2, ..., K."""
    d = x - x.max(axis=1, keepdims=True)
    return d, -np.sort(-d, axis=1), np.arange(1, d.shape[1] + 1, dtype=d.dtype)


def at_least_one(kept):
    """Return how many of each row are kept; a row of nan keeps one nan."""
    return np.maximum(np.count_nonzero(kept, axis=1, keepdims=True), 1)


def excess(p, slopes):
    """Return the step of Newton's method: what sum p is above 1, over the sum of the slopes."""
    return (p.sum(axis=1, keepdims=True) - 1) / slopes.sum(axis=1, keepdims=True)
