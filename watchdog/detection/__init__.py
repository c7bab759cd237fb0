"""Deciding whether there is an outage. Pure: no I/O, `now` is an argument."""
