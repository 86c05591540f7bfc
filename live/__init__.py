"""The stage: plays a bundle (`models/<name>/`) in a window or into a file.

It knows nothing of how a bundle was trained.
"""

import os

# ONNX Runtime 1.29 and later sends telemetry by default and reads this variable when it is first imported.
# The README promises that nothing is sent, so an inherited "0" must not switch it on.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
