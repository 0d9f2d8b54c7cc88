"""The console: a web page at /_emulator/ for whoever would rather click than type.

Its files are in `static/`, as a browser gets them: plain modules, without a build. It is
a client of the admin API, as any other; nothing here knows of worlds.
"""
