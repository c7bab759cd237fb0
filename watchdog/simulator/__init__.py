"""A hospital to practise on: real sockets, real faults, its own log."""
