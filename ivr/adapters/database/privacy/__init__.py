"""What is given out, emptied or deleted of a person."""
