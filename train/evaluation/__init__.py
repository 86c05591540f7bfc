"""Roll out bundles and report how they compare with their film."""
