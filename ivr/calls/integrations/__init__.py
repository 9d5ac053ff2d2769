"""Other systems: webhooks out, signals in, customers kept elsewhere."""
