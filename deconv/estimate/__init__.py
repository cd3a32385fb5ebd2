"""The estimate command: find the blur of a picture."""
