"""Devices: sinks that hand the picture on to other programs, each with its library in a process of its own."""
