"""Read what others wrote: files of bounded size, values within bounds. Nothing here trusts a file."""
