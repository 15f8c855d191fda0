"""SciPy's functions, where SciPy is installed."""

from importlib.util import find_spec

from softmax_ref.faults.catalogue import WIDE, control


def _special(name):
    """Return a function of scipy.special that is imported when it is called."""

    def wrapped(z, **axis):
        from scipy import special

        return getattr(special, name)(z, **axis)

    return wrapped


if find_spec("scipy"):
    for _name in ("softmax", "log_softmax", "logsumexp"):
        control(_name, f"scipy.special.{_name}", formats=WIDE, name="scipy")(_special(_name))
    control("log_logistic", "scipy.special.log_expit", formats=WIDE, name="scipy")(_special("log_expit"))
    control("softplus", "-scipy.special.log_expit(-x)", formats=WIDE, name="scipy")(
        lambda x: -_special("log_expit")(-x)
    )
