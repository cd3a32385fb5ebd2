"""The plugin for napari: a PSF as a layer, and a layer restored by it; `napari.yaml` says so to napari."""
