"""The Monte-Carlo forecast: a line's facts as a network, what its futures say of each order, what to do."""
