"""Networks, the film memory and the step of the show."""
