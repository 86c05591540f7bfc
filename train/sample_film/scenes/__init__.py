"""Scenes of the film: the things of each shot, where they are and what they do."""
