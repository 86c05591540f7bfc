"""Support a training run: run folder, checkpoints, devices, processes, interruption."""
