"""arg min: the methods of restoration, in folders by what they assume of the picture or its noise."""
