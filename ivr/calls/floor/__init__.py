"""What supervisors see and do: the calls as they go on, and those that are over."""
