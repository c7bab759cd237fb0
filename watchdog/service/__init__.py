"""One function per thing the system does."""
