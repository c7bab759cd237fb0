"""The sites' downtime routines as data, and what they say for this minute. Pure."""
