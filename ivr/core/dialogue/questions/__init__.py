"""What is asked: menus, values, the reason for the call."""
