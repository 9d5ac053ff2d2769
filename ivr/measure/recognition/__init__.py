"""Recognition, measured on recordings, and how many calls it carries."""
