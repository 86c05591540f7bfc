"""Run folder, checkpoints, devices, processes and interruption of a training."""
