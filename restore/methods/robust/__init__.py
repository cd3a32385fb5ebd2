"""Data that the blur cannot have left: clipped light, dead samples, text; found, left out and restored without."""
