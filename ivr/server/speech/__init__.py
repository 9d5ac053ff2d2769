"""What the server builds to hear, to speak, and to know what may be said."""
