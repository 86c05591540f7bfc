"""Capture live pictures from webcams and files."""
