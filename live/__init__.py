"""The stage: plays a bundle (`models/<name>/`) in a window or into a file.

It knows nothing of how it was trained.
"""
