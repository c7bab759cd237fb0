"""The HTTP interface: status, incidents, events, health."""
