"""The life of an incident: opened, declared, advised, cleared, closed. Pure."""
