"""Light that was counted: the likeliest picture behind photons."""
