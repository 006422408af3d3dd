"""What the routing engine was given, kept and run again: the same inputs, the same decisions."""
