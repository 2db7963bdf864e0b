"""What of this folder pytest leaves alone."""

# a script run by hand; what it imports is in the extra `examine`
collect_ignore = ["against_osm.py"]
