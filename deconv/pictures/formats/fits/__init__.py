"""FITS, the format of astronomy: the picture, its header, and the extensions that speak of it."""
