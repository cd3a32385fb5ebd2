"""Tone curves: what they are, and where a file states its own."""
