"""Real HTTP on loopback."""
