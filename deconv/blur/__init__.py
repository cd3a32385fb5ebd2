"""The blur command: blur a picture and add noise."""
