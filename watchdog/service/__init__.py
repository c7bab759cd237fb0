"""One function per thing the system does; each store is one transaction."""
