"""The emulator of the TeleCRM APIs, in process or on a port. In: requests, a world. Out: answers, and the world as it is then.

Start with ``http.app``; ``api`` holds the rules of the service.
"""
