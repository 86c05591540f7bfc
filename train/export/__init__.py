"""Export of a trained generator as a bundle, and its checks."""
