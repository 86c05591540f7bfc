"""Pictures as arrays: their size, and the figures of frames."""
