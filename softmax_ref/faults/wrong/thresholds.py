"""Switches of formulas in logistic and softplus, at each usual place and on both sides."""

import numpy as np

from softmax_ref.faults.catalogue import ALL, WIDE, fault
from softmax_ref.faults.parts import in_float32, logistic_textbook, softplus_textbook

DOUBLE = ("binary64",)
UP_TO_BFLOAT16 = (*WIDE, "bfloat16")
NOT_DOUBLE = ("binary32", "binary16", "bfloat16")

FORMS = {
    "x-above": ("softplus", "x itself is returned above {}", lambda x, at: np.where(x > at, x, softplus_textbook(x))),
    "zero-below": ("softplus", "0 is returned below -{}", lambda x, at: np.where(x < -at, 0, softplus_textbook(x))),
    "exp-below": (
        "softplus",
        "e^x is returned below -{}",
        lambda x, at: np.where(x < -at, np.exp(x), softplus_textbook(x)),
    ),
    "log1p-exp-to": (
        "softplus",
        "log1p(e^x) is taken up to {}, and x above",
        lambda x, at: np.where(x > at, x, np.log1p(np.exp(x))),
    ),
    "log-of-sum-within": (
        "softplus",
        "log(1 + e^x) is taken within +-{}",
        lambda x, at: np.where(abs(x) < at, np.log(1 + np.exp(x)), softplus_textbook(x)),
    ),
    "one-above": ("logistic", "1 is returned above {}", lambda x, at: np.where(x > at, 1, logistic_textbook(x))),
    "zero-below ": ("logistic", "0 is returned below -{}", lambda x, at: np.where(x < -at, 0, logistic_textbook(x))),
    "exp-below ": (
        "logistic",
        "e^x is returned below -{}",
        lambda x, at: np.where(x < -at, np.exp(x), logistic_textbook(x)),
    ),
    "complement-below": (
        "logistic",
        "1 - logistic(-x) is returned below -{}",
        lambda x, at: np.where(x < -at, 1 - logistic_textbook(-x), logistic_textbook(x)),
    ),
    "quotient-to": (
        "logistic",
        "e^x / (1 + e^x) is taken up to {}, and 1 above",
        lambda x, at: np.where(x > at, 1, np.exp(x) / (1 + np.exp(x))),
    ),
}
PLACES = {
    "x-above": {6: WIDE, 10: WIDE, 12: DOUBLE, 20: DOUBLE, 25: DOUBLE, 30: DOUBLE},
    "zero-below": {10: ALL, 18: UP_TO_BFLOAT16, 30: UP_TO_BFLOAT16, 50: UP_TO_BFLOAT16, 88: WIDE, 300: DOUBLE},
    "exp-below": {5: WIDE, 10: WIDE, 15: DOUBLE, 20: DOUBLE, 30: DOUBLE},
    "log1p-exp-to": {100: NOT_DOUBLE, 800: ALL},
    "log-of-sum-within": {15: WIDE, 40: WIDE, 80: UP_TO_BFLOAT16},
    "one-above": {6: WIDE, 10: WIDE, 15: DOUBLE, 19: DOUBLE},
    "zero-below ": {15: ALL, 25: UP_TO_BFLOAT16, 40: UP_TO_BFLOAT16, 60: UP_TO_BFLOAT16, 100: WIDE, 700: DOUBLE},
    "exp-below ": {5: WIDE, 15: DOUBLE, 20: DOUBLE},
    "complement-below": {10: UP_TO_BFLOAT16, 80: UP_TO_BFLOAT16},
    "quotient-to": {200: NOT_DOUBLE, 800: ALL},
}
FLAGS = {"log1p-exp-to": "exp-overflow", "quotient-to": "exp-overflow"}
BUGS = {"one-above-19": ["aesara-sigmoid-19"]}

for _key, (_function, _text, _form) in FORMS.items():
    for _at, _formats in PLACES[_key].items():
        _slug = f"{_key.strip()}-{_at}"
        _wrong = in_float32(lambda x, form=_form, at=_at: form(x, at))
        _flag = FLAGS.get(_key, "threshold")
        fault(_function, _flag, _text.format(_at), formats=_formats, bugs=BUGS.get(_slug, ()), name=_slug)(_wrong)
