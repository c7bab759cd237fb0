"""The loops that keep the service going."""
