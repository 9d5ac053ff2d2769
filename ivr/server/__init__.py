"""The parts of the running server, and how they are put together."""
