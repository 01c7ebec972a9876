"""The node on real sockets and a real disk: the only modules that know asyncio, threads and the clock."""
