"""What browsers and other programs see."""
