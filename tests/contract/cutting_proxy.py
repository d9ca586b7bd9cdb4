"""A TCP proxy that cuts its first connections after so many bytes from the client.

For clients that resume uploads: what they sent before the cut has to count.
"""
import socket
import threading


class CuttingProxy:
    def __init__(self, port, cuts, bytes_each):
        self.target, self.cuts, self.bytes_each = port, cuts, bytes_each
        self.cut = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self._copy, args=(server, client, None), daemon=True).start()
        self._copy(client, server, self.bytes_each)

    def _copy(self, source, sink, limit):
        seen = 0
        try:
            while data := source.recv(65536):
                seen += len(data)
                if limit is not None and seen > limit and self.cut < self.cuts:
                    self.cut += 1
                    # Both ends at once, as a network that is gone would be.
                    for end in (source, sink):
                        end.shutdown(socket.SHUT_RDWR)
                    break
                sink.sendall(data)
            else:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
