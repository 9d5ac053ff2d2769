"""What people say, read as values, and values as people say them."""
