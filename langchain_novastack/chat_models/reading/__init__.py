"""What single parts of an answer mean, in whichever dialect they come: ends, usage, calls, markup, structured text."""
