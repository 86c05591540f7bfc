"""Write frames to recordings, snapshots and the virtual camera."""
