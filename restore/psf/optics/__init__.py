"""PSFs from the optics of a microscope: the aperture's integral, and what it becomes on voxels."""
