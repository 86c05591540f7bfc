"""`--doctor`: checks of all that a show on this machine needs, each with its remedy."""
