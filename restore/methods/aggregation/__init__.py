"""Several estimates, weighed: they err differently, and less together."""
