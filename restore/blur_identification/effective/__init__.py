"""The effective PSF of points that samples hold badly: one profile for all, then what it lacks on a finer grid."""
