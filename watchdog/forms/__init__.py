"""Paper for when nothing else works: forms, labels and cards as PDF, each sheet with its own number."""
