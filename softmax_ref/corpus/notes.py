"""What each flag warns of: the kind of bug, its effect, and where it was met."""

__all__ = ["CONTRACT_NOTES", "NOTES"]


def _note(bug: str, effect: str, *links: str) -> dict:
    return {"bug": bug, "effect": effect, "links": [f"https://github.com/{link}" for link in links]}


NOTES = {
    "exp-overflow": _note(
        "exp is taken without subtracting the maximum of the slice",
        "exp overflows to inf and inf/inf is nan",
        "cornell-brg/hb-pytorch/issues/61",
        "dotnet/machinelearning/issues/3648",
    ),
    "exp-underflow": _note(
        "exp is taken without subtracting the maximum of the slice",
        "every exp underflows to 0: 0/0 is nan, log 0 is -inf",
        "pytorch/pytorch/issues/795",
    ),
    "wrong-shift": _note(
        "the mean, the first logit or a constant is subtracted instead of the maximum",
        "exp overflows where the maximum lies far above what was subtracted",
        "pytorch/pytorch/issues/795",
    ),
    "global-shift": _note(
        "the maximum of the whole array is subtracted from every slice",
        "slices far below it underflow to 0/0",
        "ml-explore/mlx/issues/657",
    ),
    "sum-overflow": _note(
        "each exp is finite, but their sum leaves the range of the accumulator",
        "all results are 0, or the logsumexp is inf",
        "microsoft/onnxruntime/pull/24577",
        "pytorch/pytorch/issues/158310",
    ),
    "infinite-difference": _note(
        "z - max overflows to -inf for finite logits",
        "inf - inf or a clamp gives nan, or a probability that is not 0",
    ),
    "low-part": _note(
        "z - max is rounded, and exp multiplies that error by its size",
        "relative errors that grow like abs(z - max)",
    ),
    "relative-accuracy": _note(
        "small classes carry an absolute error of the size of the large ones",
        "probabilities below 1e-7 are noise or 0, though their logarithm is wanted",
        "torch/nn/issues/804",
        "Maratyszcza/NNPACK/issues/174",
    ),
    "epsilon": _note(
        "a small constant is added to the denominator or to the probabilities",
        "results do not add up to 1; small classes are replaced by the constant",
        "pytorch/pytorch/pull/119898",
    ),
    "clipped-input": _note(
        "logits are clipped to a range before exp",
        "logits beyond the range become equal",
        "aesara-devs/aesara/issues/29",
        "PaddlePaddle/Paddle/issues/69859",
    ),
    "finite-sentinel": _note(
        "a finite number such as -1e4 stands for a masked logit",
        "real logits below it are hidden, or masked ones come back",
        "flashinfer-ai/flashinfer/pull/4401",
        "tracel-ai/burn/pull/4697",
    ),
    "log-of-zero": _note(
        "the logarithm is taken of a softmax that has underflowed",
        "-inf for a class with a finite log-probability",
        "BVLC/caffe/issues/4435",
    ),
    "log-of-one": _note(
        "the logarithm is taken of a sum that has rounded to 1",
        "0 for the top class of every confident prediction, and a loss of exactly 0",
        "scipy/scipy/issues/18295",
        "pytorch/pytorch/issues/113708",
    ),
    "cancellation-in-logsumexp": _note(
        "max and log of the sum cancel",
        "few digits are left of a logsumexp near 0",
        "pytorch/pytorch/issues/38839",
        "pytorch/pytorch/issues/11752",
    ),
    "subnormal-result": _note(
        "results below the smallest normal number are flushed or lose digits early",
        "0 instead of a subnormal number",
        "modular/modular/pull/7102",
    ),
    "subnormal-input": _note("subnormal logits are mishandled", "nan, or a distribution that is not uniform"),
    "working-precision": _note(
        "the computation runs in a narrower format than its arrays, or exp is approximate",
        "only the leading digits are right",
        "torch/nn/issues/804",
    ),
    "low-precision-sum": _note(
        "the sum is accumulated one by one in a format with too few bits",
        "it stagnates at 2^p ones, and the probabilities add up to more than 1",
        "apache/mxnet/issues/14072",
        "pytorch/pytorch/issues/123911",
    ),
    "dropped-terms": _note(
        "small terms are left out of the sum one by one",
        "many small classes together have a share that the others take",
    ),
    "tail-elements": _note(
        "the last entries after the last full block are left out, or read past the end",
        "classes are missing from the sum, or their results are never written",
        "pytorch/pytorch/issues/147284",
        "ml-explore/mlx/issues/1467",
    ),
    "ties": _note("equal logits are broken by position", "equal classes get unequal probabilities"),
    "single-class": _note(
        "a slice of one entry is a special case", "nan, 0 or inf instead of 1", "tenstorrent/tt-xla/issues/228"
    ),
    "signed-zero": _note("-0 and +0 are taken for different logits", "a tie is lost"),
    "mask": _note(
        "-inf meets inf or 0 in the arithmetic",
        "nan in place of 0, or mass on a class that is left out",
        "jax-ml/jax/issues/17117",
        "allenai/allennlp/issues/890",
    ),
    "all-masked": _note(
        "a slice of only -inf forms -inf - (-inf)",
        "nan spreads, or a mixture of nan and numbers appears; what is right is a policy",
        "pytorch/pytorch/issues/25110",
        "ml-explore/mlx/issues/1467",
    ),
    "empty-state": _note(
        "a running maximum is -inf after a tile of only -inf, and -inf - (-inf) is formed in the merge",
        "nan for the whole row; an empty state has to be the identity of the merge",
        "flagos-ai/FlagGems/pull/330",
        "Dao-AILab/quack/pull/64",
    ),
    "running-maximum": _note(
        "a kernel that reads in tiles forgets to scale its running sum, or loses its running maximum",
        "mass is lost or gained where the maximum is not in the first tile",
    ),
    "missing-zero": _note(
        "a logit of 0 is taken for a missing one",
        "a class drops out that has a share",
        "tensorflow/tensorflow/issues/53658",
    ),
    "infinite-logit": _note(
        "+inf - (+inf) is nan",
        "nan where the caller expects the limit; what is right is a policy",
        "pytorch/pytorch/issues/6864",
    ),
    "nan-swallowed": _note(
        "a maximum or a comparison drops the nan",
        "a broken model looks healthy",
        "tenstorrent/tt-metal/issues/56056",
        "mindspore-ai/mindspore/issues/378",
    ),
    "axis": _note(
        "another axis is normalised than the one asked for",
        "the wrong slices add up to 1",
        "pytorch/pytorch/issues/3238",
        "openvinotoolkit/openvino/issues/37823",
    ),
    "row-mixing": _note(
        "a slice sees its neighbours: a shared maximum, sum or buffer",
        "the result depends on what else is in the batch",
    ),
    "threshold": _note(
        "a switch of formulas leaves a jump",
        "an error of e^-threshold just beyond the switch",
        "tenstorrent/tt-metal/pull/56397",
        "pytorch/pytorch/issues/55587",
    ),
    "wrong-support": _note(
        "the classes above the threshold are miscounted",
        "shares that do not add up to 1, or go to classes that have none",
        "keras-team/keras/pull/23469",
        "tensorflow/tensorflow/issues/127246",
    ),
    "wrong-order": _note(
        "the order alpha is ignored, or enters with a wrong exponent", "the shares of another member of the family"
    ),
    "no-shift": _note(
        "sums are formed without subtracting the maximum",
        "the shares are rounded away: nan, or numbers outside [0, 1]",
        "tensorflow/tensorflow/issues/15564",
        "tensorflow/addons/issues/2314",
    ),
    "near-ties": _note(
        "a tolerance decides which entries are equal", "classes below the maximum get a share of its mass"
    ),
    "gradient-support": _note(
        "the gradient is not restricted to the support", "classes with share 0 get a gradient, and move the mean"
    ),
    "gradient-sign": _note("a term of the gradient has the wrong sign or is missing", "training moves the wrong way"),
    "gradient-scale": _note("a factor p_i or beta is missing", "gradients of the wrong size"),
    "gradient-transposed": _note(
        "the cotangent is read in another layout",
        "the gradient belongs to other entries",
        "pytorch/pytorch/pull/139740",
    ),
    "gradient-cancellation": _note(
        "g - sum p g or 1 - p cancels",
        "the gradient of a confident prediction is 0 or noise",
        "pytorch/pytorch/issues/113708",
    ),
    "energy-sign": _note("the energy enters with the wrong sign", "the highest energy is the most probable"),
    "temperature": _note(
        "the temperature multiplies where it divides, or is left out", "a sharper row where a flatter one is asked for"
    ),
    "noise": _note("the noise is left out, subtracted, or not divided by the temperature", "the row of another sample"),
    "base-weights": _note("the base weights are left out, or not normalised", "a plain softmax of theta x"),
    "log-base": _note("a logarithm has another base", "results off by a factor of log 2 or log 10"),
    "zero-log-zero": _note(
        "p log p is formed where p is 0", "0 times -inf is nan, and the entropy of the slice with it"
    ),
    "zero-times-infinity": _note(
        "a value of probability 0 enters the sum", "0 times inf is nan where the value does not count"
    ),
    "weights-missing": _note("values are averaged without their probabilities", "the plain mean of the slice"),
    "coldness": _note(
        "beta is left out, or has the wrong sign", "the row of another temperature", "intel/webml-polyfill/issues/90"
    ),
    "variance-cancellation": _note(
        "the variance is a difference of mean squares", "a common offset leaves noise, or a negative variance"
    ),
    "mean-of-logs": _note(
        "the logarithm of the mean is taken for the mean of the logarithms", "results off by a shift"
    ),
    "scaled-overflow": _note(
        "logits are multiplied by beta, or divided by a temperature, before the shift",
        "the product overflows where that of z - max does not: nan",
        "vllm-project/vllm/pull/2937",
        "vllm-project/vllm/pull/890",
    ),
    "truncated-parameter": _note(
        "a parameter is cut to an integer", "a coldness of 3/4 becomes 0, and the row uniform"
    ),
    "sticky-default": _note(
        "a parameter of an earlier call sticks, or the default does", "the row at another coldness or temperature"
    ),
    "coldness-zero": _note(
        "a coldness of 0 meets an infinite difference, or is taken for none", "0 times inf is nan, or beta = 1 is meant"
    ),
    "mask-inverted": _note("True is taken to leave out", "the mass goes to what is to be left out"),
    "mask-not-renormalised": _note(
        "the mask multiplies the probabilities of the whole row", "what is kept adds up to less than 1"
    ),
    "mask-multiplied": _note(
        "the mask multiplies the logits", "what is left out has the logit 0, and a share of the mass"
    ),
    "masked-value": _note(
        "what a mask leaves out is computed with",
        "nan times 0 is nan; a masked maximum shifts all that is kept to 0",
        "ggml-org/llama.cpp/pull/5574",
        "jax-ml/jax/issues/23842",
    ),
    "mask-layout": _note(
        "a mask is read along another axis, or one row's mask is used for all", "the wrong classes are left out"
    ),
    "masked-block": _note(
        "a block of which nothing is kept has the maximum -inf",
        "-inf - (-inf) is nan, and spreads over the row",
        "Dao-AILab/flash-attention/issues/1930",
    ),
    "nothing-kept": _note(
        "a slice of which nothing is kept forms 0/0",
        "nan spreads, or a mixture of nan and numbers appears; what is right is a policy",
        "keras-team/keras/pull/21149",
        "NVIDIA/apex/issues/1390",
        "pytorch/pytorch/issues/111416",
    ),
    "label-index": _note(
        "labels are counted from 1, cut to a narrow integer, or read for another row", "the loss of another class"
    ),
    "loss-reduced": _note("losses are averaged or added over the rows", "one number where each row has its own"),
    "double-softmax": _note(
        "probabilities are taken for logits",
        "a loss that never falls below that of a one-hot row, log(e + K - 1) - 1",
        "Lightning-Universe/lightning-bolts/issues/654",
        "ariecattan/SciCo/issues/2",
    ),
    "smoothing": _note(
        "label smoothing is left out, or spread over the other K - 1 classes", "the loss of other targets"
    ),
    "target-infinity": _note(
        "a target of 0 multiplies a log-probability of -inf",
        "0 times inf is nan where the class does not count",
        "google-deepmind/optax/issues/896",
        "tensorflow/probability/issues/975",
        "GustikS/NeuraLogic/issues/6",
    ),
    "rounded-logsumexp": _note(
        "a probability is formed as exp(z - logsumexp(z)), and a large logsumexp rounds",
        "shares that lose a digit for every digit of the logits; two equal logits of 1e50 get 1 each",
        "stan-dev/math/issues/1679",
    ),
    "divided-by-probability": _note(
        "the gradient is multiplied and divided by a probability",
        "0/0 where exp underflows, though the gradient is an ordinary number",
        "clab/dynet/issues/218",
    ),
    "equal-infinities": _note(
        "the difference of two equal infinities is formed",
        "nan where the sum of the exponentials is 0 or infinite",
        "cupy/cupy/pull/6172",
        "jax-ml/jax/pull/1626",
        "ekzhang/jax-js/issues/223",
    ),
    "swapped-pair": _note(
        "the derivatives with respect to the two arguments are exchanged",
        "each argument gets the gradient of the other",
    ),
    "hard-to-round": _note(
        "the result is rounded twice: to a wider format, then to its own",
        "the last bit is wrong beside the midpoint of two floats; only the label exact notices",
    ),
}
"""The flags of the cases."""

CONTRACT_NOTES = {
    "input-overwritten": _note("the input is modified", "the caller's logits are gone", "NVIDIA/apex/issues/1430"),
    "dtype-changed": _note(
        "the result has another dtype than the input", "float32 comes back as float64, or the reverse"
    ),
    "shape-changed": _note("the result has the wrong shape", "axes are lost or added"),
    "result-aliased": _note(
        "the result shares memory with the input or with an earlier result",
        "a later call overwrites it",
        "ggml-org/ggml/pull/1521",
    ),
    "not-repeatable": _note(
        "the same call gives another answer", "a race, a cache or uninitialised memory", "FluxML/NNlib.jl/pull/489"
    ),
    "memory-layout": _note(
        "strides are ignored", "entries in storage order instead of index order", "tracel-ai/burn/issues/4815"
    ),
    "byte-order": _note(
        "the bytes are read in the order of the machine, whatever the dtype says",
        "numbers of another size",
        "pytorch/pytorch/issues/3671",
        "ijl/orjson/issues/472",
    ),
    "parameter": _note(
        "a parameter is ignored, sticks from an earlier call, has another default, or is read by its type",
        "the result of another temperature",
        "intel/webml-polyfill/issues/90",
    ),
    "empty-array": _note(
        "an array without entries is mishandled",
        "a crash, or a result of another shape",
        "tensorflow/tensorflow/issues/22259",
    ),
    "zero-dimensional": _note(
        "a number without axes is mishandled", "a wrong value or shape", "tenstorrent/tt-xla/issues/228"
    ),
    "integer-input": _note(
        "z - max is formed in the integer type and wraps",
        "uint8 [1, 2] gives [nan, 0]",
        "scikit-learn/scikit-learn/issues/11226",
    ),
    "other-dtype": _note(
        "an array of another kind is read as something else",
        "the imaginary part is dropped, or text and dates give numbers of their own",
    ),
    "label-type": _note("labels of another integer type are cut or read as bytes", "the loss of another class"),
    "label-out-of-range": _note(
        "a label that is no class is wrapped, clipped or read past the end",
        "a finite loss of some other class, where an error or nan tells of it",
        "tensorflow/tensorflow/issues/10268",
    ),
    "raises": _note("the call raises an exception", "no result"),
}
"""The flags of the array contract, which no stored case carries."""
