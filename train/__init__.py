"""The studio: turns a film into a small generator and exports it as a bundle for the stage (`live/`)."""
