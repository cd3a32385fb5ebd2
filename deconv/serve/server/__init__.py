"""The server of the page: who may ask, how much may be sent, what is answered."""
