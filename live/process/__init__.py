"""The process of a show: its output to a terminal or pipe, the signals that end it, and its exit."""
