"""Looking: one file per kind of probe or arrival reader."""
