"""What the server builds for those who work with it: pages, desks, floor, report."""
