"""The simulation that forecast and ramp-up share: orders going through stages that take places of pools."""
