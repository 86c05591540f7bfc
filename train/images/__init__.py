"""Pictures and videos: pixels, figures of one frame, thumbnails, contact sheets."""
