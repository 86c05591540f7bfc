"""Sound that a show listens to or records: files, inputs of the machine, and what is heard in them."""
