"""Facts about the file of a film, found without decoding all of it: pictures, length, black bars."""
