"""Which hop broke and which chapter of the routine applies. Pure."""
