"""Requests are judged as strictly as the models judge them."""
