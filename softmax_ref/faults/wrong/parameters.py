"""Parameters that stick, have another default, or are read by their type."""

import numpy as np

from softmax_ref.faults.catalogue import WIDE, fault
from softmax_ref.faults.sound import SOUND

DEFAULTS = {
    "softmax_beta": ("beta", 1.0),
    "mean_energy": ("beta", 1.0),
    "boltzmann": ("beta", 1.0),
    "gumbel_softmax": ("temperature", 1.0),
    "exponential_tilting": ("theta", 1.0),
    "log_semiring_add": ("beta", 1.0),
}


def _sticks(function, name, default):
    """Return a sound function whose parameter stays what it was where it is not given."""

    def make():
        kept = [default]

        def wrapped(*arrays, **keywords):
            kept[0] = keywords.pop(name, kept[0])
            return SOUND[function](*arrays, **{name: kept[0]}, **keywords)

        return wrapped

    return make


def _first_sticks(function, name, default):
    """Return a sound function that compiles the first value other than the default in."""

    def make():
        kept = []

        def wrapped(*arrays, **keywords):
            value = keywords.pop(name, default)
            if value != default and not kept:
                kept.append(value)
            return SOUND[function](*arrays, **{name: default if value == default else kept[0]}, **keywords)

        return wrapped

    return make


def _reads(function, name, default, read):
    """Return a sound function that reads its parameter in a way of its own."""

    def wrapped(*arrays, **keywords):
        value = keywords.pop(name, default)
        return SOUND[function](*arrays, **{name: read(value)}, **keywords)

    return wrapped


for _function, (_name, _default) in DEFAULTS.items():
    fault(
        _function,
        "parameter",
        f"{_name} stays what it was where it is not given",
        name=f"{_name}-sticks",
        stateful=True,
    )(_sticks(_function, _name, _default))
    fault(_function, "parameter", f"the first {_name} is compiled in", name=f"first-{_name}-sticks", stateful=True)(
        _first_sticks(_function, _name, _default)
    )
READINGS = {
    "scalar-arrays-ignored": (
        "an array without axes is taken for none given",
        lambda v: 1.0 if isinstance(v, np.ndarray) else v,
    ),
    "integers-ignored": ("an int is taken for none given", lambda v: 1.0 if isinstance(v, int) else v),
    "numpy-floats-doubled": ("a NumPy float64 is read twice", lambda v: 2 * v if isinstance(v, np.float64) else v),
    "numpy-integers-halved": ("a NumPy integer is halved", lambda v: v / 2 if isinstance(v, np.integer) else v),
}
for _slug, (_text, _read) in READINGS.items():
    for _function in ("softmax_beta", "gumbel_softmax"):
        _name, _default = DEFAULTS[_function]
        fault(_function, "parameter", _text, formats=WIDE, name=_slug)(_reads(_function, _name, _default, _read))


def _told_apart(function, name, default):
    """Return a sound function that takes the default, given, for something else."""

    def wrapped(*arrays, **keywords):
        given = keywords.get(name) == default
        result = SOUND[function](*arrays, **keywords)
        return np.asarray(result) * np.asarray(result).dtype.type(1.01) if given else result

    return wrapped


for _function in ("softmax_beta", "mean_energy", "gumbel_softmax"):
    _name, _default = DEFAULTS[_function]
    fault(_function, "parameter", f"a {_name} of 1 that is given takes a path of its own", name="default-given")(
        _told_apart(_function, _name, _default)
    )
