"""The deblur command: restore a blurred picture."""
