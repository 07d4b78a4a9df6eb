package io.tributary.testkit;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.SaslAuthenticateRequest;
import org.apache.kafka.common.requests.SaslAuthenticateResponse;
import org.apache.kafka.common.requests.SaslHandshakeRequest;
import org.apache.kafka.common.requests.SaslHandshakeResponse;

/** One connection that speaks Kafka's protocol frame by frame, well or badly. */
final class RawKafka implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Socket socket;
    private final DataInputStream in;
    private int correlationId;

    RawKafka(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) PATIENCE.toMillis());
        in = new DataInputStream(socket.getInputStream());
    }

    /** Sends bytes as they are. */
    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Sends bytes with their length in front. */
    void frame(byte[] bytes) throws IOException {
        write(
                ByteBuffer.allocate(Integer.BYTES + bytes.length)
                        .putInt(bytes.length)
                        .put(bytes)
                        .array());
    }

    /** The next frame that comes. */
    ByteBuffer frame() throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes);
    }

    RequestHeader send(AbstractRequest request) throws IOException {
        RequestHeader header =
                new RequestHeader(request.apiKey(), request.version(), "raw", correlationId++);
        ByteBuffer bytes = request.serializeWithHeader(header);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        frame(copy);
        return header;
    }

    AbstractResponse call(AbstractRequest request) throws IOException {
        RequestHeader header = send(request);
        return AbstractResponse.parseResponse(frame(), header);
    }

    SaslHandshakeResponse handshake(String mechanism, int version) throws IOException {
        return (SaslHandshakeResponse)
                call(
                        new SaslHandshakeRequest.Builder(
                                        new SaslHandshakeRequestData().setMechanism(mechanism))
                                .build((short) version));
    }

    /** Authenticates by an API key, {@code id:secret}. */
    SaslAuthenticateResponse plain(String key) throws IOException {
        handshake("PLAIN", 1);
        return authenticate("\0" + key.replace(':', '\0'));
    }

    /** Authenticates by a token. */
    SaslAuthenticateResponse bearer(String token) throws IOException {
        handshake("OAUTHBEARER", 1);
        return authenticate("n,,\1auth=Bearer " + token + "\1\1");
    }

    private SaslAuthenticateResponse authenticate(String proof) throws IOException {
        return (SaslAuthenticateResponse)
                call(
                        new SaslAuthenticateRequest.Builder(
                                        new SaslAuthenticateRequestData()
                                                .setAuthBytes(
                                                        proof.getBytes(StandardCharsets.UTF_8)))
                                .build());
    }

    /** Waits for the end of the connection; how long that took. */
    Duration awaitEnd() throws IOException {
        long begun = System.nanoTime();
        try {
            while (in.read() >= 0) {
                // An answer may come first.
            }
        } catch (SocketException e) {
            // Reset is an end, too.
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
