"""A show seen from outside: its log file, its status file and its health."""
