"""Drawing: canvas, colours, outlines, letters, and the arithmetic of motion."""
