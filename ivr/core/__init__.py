"""The pure heart: no event loop, no clock, no files, no sockets. Standard library only."""
