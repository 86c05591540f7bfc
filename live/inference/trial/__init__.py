"""Trial of a bundle's networks in a process of its own, before the show opens them."""
