"""What single parts of an answer mean, in whichever dialect they come: choices, usage, calls, markup, refusals."""
