"""The show in a window: its main loop, its parts, its actions, and what the HUD and the supervisor need of it."""
