"""C and L as operators: the transfer function H of a blur, the Fourier pass that applies it, the roughness |P|^2."""
