"""The studio: turns a film into a small generator and exports it as a bundle for the stage (`live/`)."""

import os

# ONNX Runtime 1.29 and later sends telemetry by default and reads this variable when it is first imported.
# The README promises that nothing is sent, so an inherited "0" must not switch it on.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
