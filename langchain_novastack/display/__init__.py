"""Text and HTML for terminals and notebooks."""
