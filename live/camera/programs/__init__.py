"""Pictures of other programs as a camera: NDI, Spout and Syphon, each read in the process of a webcam."""
