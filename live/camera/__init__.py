"""Capture frames from webcams and media files."""
