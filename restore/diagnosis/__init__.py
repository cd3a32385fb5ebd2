"""r = g - h * f: what is left over after a restoration, and whether the PSF suits the picture."""
