"""Averages under a softmax distribution, where a common offset must not drown the differences."""


def mean_and_deviations(p, v):
    """Return the mean of v under p, and v minus it, for each row.

    The second pass takes off what rounding left of the mean: its error is that of the deviations, not that of v.
    """
    mean = (p * v).sum(axis=-1, keepdims=True)
    c = v - mean
    rest = (p * c).sum(axis=-1, keepdims=True) / p.sum(axis=-1, keepdims=True)
    return mean + rest, c - rest
