"""Makes the small English speech model that the demo and the tests listen with, and the recordings they listen to."""
