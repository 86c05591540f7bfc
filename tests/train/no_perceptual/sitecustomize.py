"""Hides the network of the extra `perceptual` from a Python that has this folder in PYTHONPATH.

With it, every `fit` of a test would spend half a minute on the film's crops.
"""

import sys

sys.modules["efficientnet_lite_pytorch"] = None  # type: ignore[assignment]  # the import system's way to forbid one
