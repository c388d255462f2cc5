"""One module for each neighbour; see the package's first lines."""
