"""Facts about the files of films, found without decoding all of them: pictures, length, black bars, chapters."""
