"""Picture files without loss: reading, writing, light, outputs and figure panels."""
