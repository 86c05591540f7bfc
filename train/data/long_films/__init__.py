"""Films of more frames than a training sees, and what decoding costs: room on the disk, and time."""
