"""Programs for those who work on this project; nothing of the server needs them."""
