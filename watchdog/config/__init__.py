"""The configuration file: its shape, its checks, its problems by line."""
