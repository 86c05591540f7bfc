"""Entries of the table of controls, a group a module. `live/controls/table.py` puts them together."""
