"""The options of every ONNX Runtime session of the stage."""

import onnxruntime as ort

from live.process.cores import usable_cores

# More threads gain nothing for a network of this size, and take cores from the rest of the show.
MOST_THREADS = 8


def session_options() -> ort.SessionOptions:
    """Return the options that every session of the stage runs with."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = min(usable_cores(), MOST_THREADS)
    # The network is one chain of layers: nothing in it could run beside something else.
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.inter_op_num_threads = 1
    # Workers that spin between two layers spare a wake-up each. Workers that spin on between two frames, as is the
    # default, would take the cores from window and encoder. Of 0, 50, 200 and 1000 µs, 50 gave the shortest steps on
    # two cores that had other work besides.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "50")
    # A feedback loop that fades to black ends in denormal numbers, and many processors are slow at these.
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    # Errors come as exceptions. What ONNX Runtime prints beside them would only tear the show's own lines.
    options.log_severity_level = 4
    return options
