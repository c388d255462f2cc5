"""The default vocabulary, by theme."""
