"""How the process lives: its loop, its log, its watchdog, its end."""
