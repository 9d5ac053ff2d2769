"""What agents see and do: the card at the ring, the windows, the day."""
