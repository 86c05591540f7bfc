"""The page of a training: what the training says of itself, and the server that shows it on this machine."""
