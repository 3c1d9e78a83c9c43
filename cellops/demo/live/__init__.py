"""The demo in motion: plays hospital, courier, plant and laboratory, from outside, through REST alone."""
