"""What webhooks carry, how it is signed, where it may go."""
