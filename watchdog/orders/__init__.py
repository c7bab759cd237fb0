"""The life of our synthetic orders. Pure."""
