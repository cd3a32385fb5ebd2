"""The serve command: a local page for one's own pictures."""
