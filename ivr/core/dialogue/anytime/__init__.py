"""What callers may say at any point: commands, corrections, wishes, danger, the ways out."""
