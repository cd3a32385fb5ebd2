"""One file per family of PSFs: how it is drawn, and the forms by which a picture gives it away."""
