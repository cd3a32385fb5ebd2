"""The PSF from evidence in the picture: a point or an edge that a person has boxed."""
