"""To the gateway and back: clients, connections, time limits, and errors of the wire."""
