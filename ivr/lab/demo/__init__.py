"""`make demo` and `make call`."""
