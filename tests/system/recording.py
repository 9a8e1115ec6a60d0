"""A sink that also keeps every byte that it read, one stream for each
connection."""

from sink import Sink


class _Recording:
    """A connection's file; what is read from it is kept."""

    def __init__(self, file, stream):
        self.file, self.stream = file, stream

    def _keep(self, data):
        self.stream.extend(data)
        return data

    def readline(self, *most):
        return self._keep(self.file.readline(*most))

    def read(self, *most):
        return self._keep(self.file.read(*most))

    def __getattr__(self, name):
        return getattr(self.file, name)


class RecordingSink(Sink):
    def __init__(self, *keywords):
        super().__init__(*keywords)
        self.streams = []
        session = self.RequestHandlerClass

        class Session(session):
            def setup(self):
                super().setup()
                stream = bytearray()
                with self.server.lock:
                    self.server.streams.append(stream)
                self.rfile = _Recording(self.rfile, stream)
        self.RequestHandlerClass = Session

    def heard(self):
        """All streams, one after the other."""
        with self.lock:
            return b"".join(bytes(s) for s in self.streams)
