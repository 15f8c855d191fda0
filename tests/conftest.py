"""Hypothesis for every test: the same examples on every machine, and no clock.

To look further, with fresh examples: HYPOTHESIS_PROFILE=explore make test.
"""

import os

import hypothesis

# A busy machine is no fault of the code, and CI must not fail by luck.
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
