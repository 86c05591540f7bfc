"""The show in a window: its opening, its main loop, its actions, and what the HUD and the supervisor need of it."""
