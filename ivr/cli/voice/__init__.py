"""Commands about the machine's voice."""
