"""Memory of earlier calls: caches, reused buffers, parameters that stick, answers that vary."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.sound import SOUND


def _cached(key, copy=True):
    """Return what remembers results under a key that does not tell all arrays apart, or gives them away."""

    def plant(fn):
        known = {}

        def wrapped(*arrays, **keywords):
            name = (*[(x.shape, x.dtype.str, key(x)) for x in arrays], *keywords.items())
            if name not in known:
                known[name] = fn(*arrays, **keywords)
            return known[name].copy() if copy else known[name]

        return wrapped

    return plant


def _buffered(count, size=None):
    """Return what writes results into its own buffers, in turn; of the shape asked for, or cut from a larger one."""

    def plant(fn):
        buffers, turn = {}, [0]

        def wrapped(*arrays, **keywords):
            result = np.asarray(fn(*arrays, **keywords))
            turn[0] = (turn[0] + 1) % count
            key = turn[0], result.dtype, size is None and result.shape
            if key not in buffers or size is not None and buffers[key].size < result.size:
                buffers[key] = np.empty(result.shape if size is None else max(size, result.size), result.dtype)
            out = buffers[key] if size is None else buffers[key][: result.size].reshape(result.shape)
            out[...] = result
            return out

        return wrapped

    return plant


def _varying(change, when):
    """Return what changes the results of some calls, by their number."""

    def plant(fn):
        calls = [0]

        def wrapped(*arrays, **keywords):
            calls[0] += 1
            result = np.asarray(fn(*arrays, **keywords))
            return change(result) if when(calls[0]) else result

        return wrapped

    return plant


def _one_ulp(result):
    if result.dtype.kind == "f":
        return np.nextafter(result, result.dtype.type(0))
    return result


def _too_large(result):
    return (result.astype(np.float64) * 1.25).astype(result.dtype)


def _nan(result):
    return np.full_like(result, np.nan)


def _summed_in_random_order(fn):
    generator = np.random.default_rng(1)

    def wrapped(z, axis=-1):
        weight = np.moveaxis(np.exp(z - z.max(axis=axis, keepdims=True)), axis, -1) if z.ndim else np.ones(1, z.dtype)
        order = generator.permutation(weight.shape[-1])
        total = np.cumsum(weight[..., order], axis=-1)[..., -1:]
        return np.moveaxis(weight / total, -1, axis).reshape(z.shape)

    return wrapped


def _first(x):
    return x.ravel()[:1].tobytes()


def _ends(x):
    return x.ravel()[[0, -1]].tobytes() if x.size else b""


def _total(x):
    return np.sort(x.astype(np.float64), axis=None).sum()


def _prefix(x):
    return x.tobytes()[:256]


CACHES = {
    "cache-by-first-entry": ("results are cached by shape and first entry", _first),
    "cache-by-first-and-last-entry": ("results are cached by shape, first and last entry", _ends),
    "cache-by-sum": ("results are cached by shape and the sum of the entries", _total),
    "cache-by-prefix": ("results are cached by a hash of the first 256 bytes", _prefix),
}
for _slug, (_text, _key) in CACHES.items():
    for _function in ("softmax", "log_softmax", "softmax_vjp"):
        _make = lambda f=_function, key=_key: _cached(key)(SOUND[f])
        fault(_function, "not-repeatable", _text, formats=WIDE, name=_slug, stateful=True)(_make)

GIVEN_AWAY = {
    "cached-result-given-away": ("equal arrays get the same result object", _cached(lambda x: x.tobytes(), copy=False)),
    "one-buffer-a-shape": ("results of one shape share a buffer", _buffered(1)),
    "two-buffers-in-turn": ("every other result shares a buffer", _buffered(2)),
    "one-growing-buffer": ("results are cut from one buffer that grows", _buffered(1, 256)),
}
for _slug, (_text, _plant) in GIVEN_AWAY.items():
    for _function in ("softmax", "logsumexp", "softmax_vjp", "softplus"):
        _make = lambda f=_function, plant=_plant: plant(SOUND[f])
        fault(_function, "result-aliased", _text, formats=ALL, name=_slug, stateful=True)(_make)

CHANGES = {
    "every-other-call-an-ulp-lower": ("every other result is one ulp lower", _one_ulp, lambda n: n % 2 == 0),
    "first-call-nan": ("the first call gives nan", _nan, lambda n: n == 1),
    "first-call-too-large": ("the first results are a quarter too large", _too_large, lambda n: n == 1),
    "every-seventh-call": ("every seventh result is a quarter too large", _too_large, lambda n: n % 7 == 0),
    "every-fiftieth-call": ("every fiftieth result is a quarter too large", _too_large, lambda n: n % 50 == 0),
}
for _slug, (_text, _change, _when) in CHANGES.items():
    for _function in ("softmax", "logsumexp"):
        _make = lambda f=_function, change=_change, when=_when: _varying(change, when)(SOUND[f])
        _bugs = ("numericext-lse-race",) if (_function, _slug) == ("logsumexp", "every-seventh-call") else ()
        _formats = ("binary64",) if _slug == "every-fiftieth-call" else WIDE
        fault(_function, "not-repeatable", _text, formats=_formats, bugs=_bugs, name=_slug, stateful=True)(_make)


@fault("softmax", "not-repeatable", "the terms are added in another order in every call", formats=WIDE, stateful=True)
def summed_in_random_order():
    return _summed_in_random_order(None)


@fault("softmax", "not-repeatable", "the precision of the call before is used", formats=("binary64",), stateful=True)
def precision_of_the_call_before():
    before = [None]

    def wrapped(z, axis=-1):
        narrow = before[0] == np.float32 and z.dtype == np.float64
        before[0] = z.dtype
        return (
            SOUND["softmax"](z.astype(np.float32), axis=axis).astype(z.dtype)
            if narrow
            else SOUND["softmax"](z, axis=axis)
        )

    return wrapped
