"""Large pictures: restored tile by tile, as if they had been restored at once."""
