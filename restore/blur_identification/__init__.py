"""h from g: from the spectrum of a picture, from a point or an edge in it, or of a camera that shook."""
