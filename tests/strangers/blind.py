"""A store without contexts: a put replaces whatever it finds."""

from store import Store, serve

if __name__ == "__main__":
    serve(Store)
