"""OME-Zarr: folders of arrays in chunks, what a group says of the picture in it, and how one is written."""
