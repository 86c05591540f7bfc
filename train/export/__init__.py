"""Export a trained generator as a bundle and check it."""
