"""How a layer learns: gradients, the best weights in one solve, and the same weights by descent."""
