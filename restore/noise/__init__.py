"""eta: how much noise is in a picture, white, of photons, and what JPEG made of both."""
