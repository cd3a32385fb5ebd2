"""Pictures whose restoration does not fit into memory: tile by tile, in this process or on a cluster, gone on with."""
