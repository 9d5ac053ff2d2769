"""Every reader of what others send, against inputs that nobody meant."""
