"""Make nbval honest: a notebook that would pass without being compared is an error of collection.

nbval alone passes a notebook that was never executed, was stripped of its outputs, or tells it to look away.
It never compares the bytes of a PNG; ``python -m softmax_ref.literate.notebooks --check`` does.
"""

import os

import matplotlib.font_manager  # noqa: F401  built here, the font cache cannot warn on a notebook's stderr
import nbformat

from softmax_ref.literate.notebooks import CELL_SECONDS, faults

NBVAL_DEFAULT_SECONDS = 2000  # a dead kernel is noticed no earlier than this


def pytest_configure(config):
    """Run every cell in this interpreter, with fixed hashes, and within two minutes."""
    os.environ["PYTHONHASHSEED"] = "0"
    config.option.nbval_current_env = True
    if config.option.nbval_cell_timeout == NBVAL_DEFAULT_SECONDS:
        config.option.nbval_cell_timeout = CELL_SECONDS


def pytest_collectstart(collector):
    """Look at a notebook before nbval does."""
    if collector.path.suffix == ".ipynb" and hasattr(collector, "skip_compare"):
        collector.collect = _honest(collector, collector.collect)


def _honest(collector, collect):
    def honest():
        nb = nbformat.read(collector.path, as_version=4)
        found = [*_switches(collector.config.option), *faults(nb)]
        if found:
            raise collector.CollectError("\n".join(f"{collector.path.name}: {fault}" for fault in found))
        return collect()

    return honest


def _switches(option):
    if option.nbval_lax:
        yield "--nbval-lax compares nothing: leave it out"
    if option.nbval_sanitize_with:
        yield "--nbval-sanitize-with can rewrite any output before it is compared: leave it out"
