package io.tributary.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Stands before an object store and spoils what it is told to, with a chance for each kind. One
 * request a connection; what it does not spoil it passes on unchanged.
 */
public final class FaultProxy implements AutoCloseable {
    /** What can go wrong. */
    public enum Fault {
        /** The store is asked nothing and answers 503 SlowDown. */
        SLOW_DOWN,
        /** The store did it, but the connection breaks before the answer. */
        LOST_ANSWER,
        /** The answer's body breaks off half-way. */
        TRUNCATED,
        /** One bit of an object that is read is wrong. */
        FLIPPED,
        /** One bit of the request's body is wrong. */
        FLIPPED_REQUEST,
        /** The store did it, but the answer does not come while this fault lasts. */
        HANG,
        /** The connection breaks at once. */
        OUTAGE
    }

    private static final int MAX_LINE_BYTES = 64 << 10;
    private static final Set<String> OF_THE_CONNECTION = Set.of("connection", "expect");

    /** A request's or an answer's head. */
    private record Head(String first, List<String> fields) {
        static Head read(InputStream in) throws IOException {
            String first = line(in);
            List<String> fields = new ArrayList<>();
            for (String field = line(in); !field.isEmpty(); field = line(in)) {
                fields.add(field);
            }
            return new Head(first, fields);
        }

        private static String line(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0 || line.length() > MAX_LINE_BYTES) {
                    throw new IOException("this is not HTTP: " + line);
                }
                line.append((char) next);
            }
            return line.toString().stripTrailing();
        }

        private static String name(String field) {
            return field.substring(0, field.indexOf(':')).toLowerCase(Locale.ROOT);
        }

        OptionalInt contentLength() {
            return fields.stream()
                    .filter(field -> name(field).equals("content-length"))
                    .mapToInt(field -> Integer.parseInt(field.substring(15).strip()))
                    .findFirst();
        }

        boolean expectsContinue() {
            return fields.stream().anyMatch(field -> name(field).equals("expect"));
        }

        boolean is(String method) {
            return first.startsWith(method + " ");
        }

        byte[] bytes() {
            StringBuilder text = new StringBuilder(first).append("\r\n");
            for (String field : fields) {
                if (!OF_THE_CONNECTION.contains(name(field))) {
                    text.append(field).append("\r\n");
                }
            }
            return text.append("Connection: close\r\n\r\n")
                    .toString()
                    .getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    private final ServerSocket server;
    private final InetSocketAddress store;
    private final RandomGenerator random;
    private final Map<Fault, AtomicLong> struck = new ConcurrentHashMap<>();
    private final Object changed = new Object();
    private volatile Map<Fault, Double> chances = Map.of();

    /** Listens on a free port of the loopback, before the store at this port of it. */
    public FaultProxy(int storePort, RandomGenerator random) throws IOException {
        this.random = random;
        store = new InetSocketAddress(InetAddress.getLoopbackAddress(), storePort);
        server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("fault-proxy").start(this::accept);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().name("fault-proxy-connection").start(() -> serve(client));
            } catch (IOException e) {
                // Closed while it waited.
                return;
            }
        }
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** From now on these faults, each with its chance from 0 to 1, and no others. */
    public void spoil(Map<Fault, Double> faults) {
        synchronized (changed) {
            chances = Map.copyOf(faults);
            changed.notifyAll();
        }
    }

    /** How often a fault struck. */
    public long struck(Fault fault) {
        return struck.computeIfAbsent(fault, f -> new AtomicLong()).get();
    }

    private synchronized boolean strikes(Fault fault) {
        boolean strikes = random.nextDouble() < chances.getOrDefault(fault, 0.0);
        if (strikes) {
            struck.computeIfAbsent(fault, f -> new AtomicLong()).incrementAndGet();
        }
        return strikes;
    }

    private void serve(Socket client) {
        try (client) {
            if (strikes(Fault.OUTAGE)) {
                reset(client);
            } else {
                exchange(client);
            }
        } catch (IOException e) {
            // The client or the store hung up; so does this.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void exchange(Socket client) throws IOException, InterruptedException {
        InputStream in = new BufferedInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        Head request = Head.read(in);
        if (request.expectsContinue()) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        byte[] body = in.readNBytes(request.contentLength().orElse(0));
        if (strikes(Fault.SLOW_DOWN)) {
            out.write(slowDown(request.is("HEAD")));
            return;
        }
        if (body.length > 0 && strikes(Fault.FLIPPED_REQUEST)) {
            flip(body);
        }
        try (Socket upstream = new Socket()) {
            upstream.connect(store);
            // HTTP/1.0 has no chunks: the answer's body is all that follows its head.
            String first = request.first().replace("HTTP/1.1", "HTTP/1.0");
            upstream.getOutputStream().write(new Head(first, request.fields()).bytes());
            upstream.getOutputStream().write(body);
            InputStream answer = new BufferedInputStream(upstream.getInputStream());
            answer(client, request, Head.read(answer), answer.readAllBytes());
        }
    }

    private static void reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
    }

    private void answer(Socket client, Head request, Head answer, byte[] body)
            throws IOException, InterruptedException {
        boolean cut = strikes(Fault.LOST_ANSWER);
        if (strikes(Fault.HANG)) {
            awaitHangOver();
            cut = true;
        }
        if (cut) {
            reset(client);
            return;
        }
        if (answer.contentLength().isEmpty() && !request.is("HEAD")) {
            answer.fields().add("Content-Length: " + body.length);
        }
        int length = body.length;
        if (length > 0 && strikes(Fault.TRUNCATED)) {
            length /= 2;
        }
        boolean object = request.is("GET") && !request.first().contains("list-type=");
        if (length > 0 && object && strikes(Fault.FLIPPED)) {
            flip(body);
        }
        OutputStream out = client.getOutputStream();
        out.write(answer.bytes());
        out.write(body, 0, length);
    }

    private void awaitHangOver() throws InterruptedException {
        synchronized (changed) {
            while (chances.containsKey(Fault.HANG) && !server.isClosed()) {
                changed.wait();
            }
        }
    }

    private synchronized void flip(byte[] bytes) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }

    private static byte[] slowDown(boolean headOnly) {
        String body = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>";
        String head =
                "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
                        + "Content-Length: "
                        + body.length()
                        + "\r\n\r\n";
        return (headOnly ? head : head + body).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        server.close();
        spoil(Map.of());
    }
}
