"""The kernel of any shape that a shaken camera leaves, from the strong edges of a picture."""
