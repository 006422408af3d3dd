"""Citizens' personal data: found, handed out, minimised, and kept no longer than the city says."""
