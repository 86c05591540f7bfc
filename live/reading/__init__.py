"""Read what others wrote, in both halves: files of bounded size, values within bounds. Nothing here trusts a file."""
