"""The open pages: desks and floors."""
