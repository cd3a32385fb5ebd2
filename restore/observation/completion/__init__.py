"""What lies outside of the known data, solved for."""
