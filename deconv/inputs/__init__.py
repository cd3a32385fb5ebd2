"""What a command reads: pictures as linear light, masks, and the PSF by name, from a file or from the picture."""
