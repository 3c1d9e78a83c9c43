"""What is done with readings: the only writers of this theme's tables."""
