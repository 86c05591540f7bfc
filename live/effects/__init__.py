"""Effects on the shown picture, outside of the network: video feedback, grading, mirrors."""
