"""Work that is done beside the requests: asked for as a row, done by a worker under a lease, told by the same row."""
