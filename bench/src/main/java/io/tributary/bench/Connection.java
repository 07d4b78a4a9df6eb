package io.tributary.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * One HTTP/1.1 connection over TLS that sends requests made beforehand and reads answers without
 * looking at them closely, so that the client costs little beside the server.
 */
final class Connection implements AutoCloseable {
    private final SSLSocket socket;
    private final OutputStream out;
    private final InputStream in;
    private final byte[] buffer = new byte[64 << 10];

    Connection(SSLContext tls, URI address) throws IOException {
        socket =
                (SSLSocket)
                        tls.getSocketFactory().createSocket(address.getHost(), address.getPort());
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
    }

    /** Sends bytes as they are. */
    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Sends a request and reads its whole answer, which must be 200. */
    void exchange(byte[] request) throws IOException {
        send(request);
        String status = line();
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("answered " + status);
        }
        long length = -1;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Long.parseLong(lower.substring("content-length:".length()).strip());
            }
        }
        if (length >= 0) {
            skip(length);
            return;
        }
        for (int chunk = chunk(); chunk > 0; chunk = chunk()) {
            skip(chunk + 2L);
        }
        skip(2);
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line().strip(), 16);
    }

    /** Reads a line, without its end. */
    String line() throws IOException {
        int size = 0;
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the connection ended");
            }
            if (b != '\r') {
                buffer[size++] = (byte) b;
            }
        }
        return new String(buffer, 0, size, StandardCharsets.ISO_8859_1);
    }

    private void skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
