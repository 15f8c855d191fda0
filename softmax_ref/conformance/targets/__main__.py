"""python -m softmax_ref.conformance.targets TARGET: speak the protocol on standard input and output."""

import sys

from softmax_ref.conformance.targets.serving import main

if __name__ == "__main__":
    sys.exit(main())
