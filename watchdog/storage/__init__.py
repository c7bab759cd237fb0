"""Tables, and one file per thing that is stored."""
