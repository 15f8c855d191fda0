"""What a call leaves behind: marks of a failure, settings, seeds."""

import numpy as np

from softmax_ref.faults.catalogue import fault
from softmax_ref.faults.sound import SOUND


@fault("logsumexp", "not-repeatable", "after a call that fails, the next result is too large", stateful=True)
def failure_leaves_a_mark():
    failed = [False]

    def wrapped(z, axis=-1):
        late, failed[0] = failed[0], True
        result = SOUND["logsumexp"](z, axis=axis)
        failed[0] = False
        return result + result.dtype.type(1) if late else result

    return wrapped


@fault("softmax_vjp", "not-repeatable", "after a call that fails, the next one takes its axis", stateful=True)
def failure_leaves_its_axis():
    pending = []

    def wrapped(z, g, axis=-1):
        pending.append(0 if axis == 5 or z is None else axis)
        result = SOUND["softmax_vjp"](z, g, axis=pending[0])
        pending.clear()
        return result

    return wrapped


@fault("softmax", "not-repeatable", "a call seeds the caller's random numbers")
def seeds_random_numbers(z, axis=-1):
    np.random.seed(0)
    return SOUND["softmax"](z, axis=axis)


@fault("logsumexp", "not-repeatable", "a call leaves NumPy raising at every overflow")
def leaves_numpy_raising(z, axis=-1):
    result = SOUND["logsumexp"](z, axis=axis)
    np.seterr(over="raise")
    return result
