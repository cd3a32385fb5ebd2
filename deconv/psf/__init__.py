"""The psf command: the PSF from a picture of beads or stars."""
