package io.tributary.bench;

import io.tributary.testkit.Api;
import io.tributary.testkit.Api.Tenant;
import io.tributary.testkit.Service;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Produce and fetch over HTTPS, beside the ceiling of the same run: the same server and route that
 * authenticates, parses, reports and drops.
 */
final class HttpBench {
    private static final String AUTHORITY = "localhost";
    private static final int CHUNK_RECORDS = 100;

    private final int connections;
    private final double seconds;
    private final int rounds;
    private final PrintStream out;

    HttpBench(int connections, double seconds, int rounds, PrintStream out) {
        this.connections = connections;
        this.seconds = seconds;
        this.rounds = rounds;
        this.out = out;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Case(String name, int records, int bytes, byte[] durable, byte[] ceiling) {}

    void run() throws IOException {
        Path folder = Files.createTempDirectory("tributary-bench");
        try (Service service = Service.start(folder.resolve("data"), "--bench-ceiling=true");
                Api api = Api.of(service)) {
            Tenant tenant = api.signUp("bench");
            tenant.createTopic("t", 4, Map.of("retention.bytes", "536870912"));
            Run run =
                    new Run(
                            Api.trusting(service.ca()),
                            URI.create(service.address()),
                            service.pid());
            out.printf(
                    "%d connections, %d rounds of %.0f s each, median (min to max)%n%n",
                    connections, rounds, seconds);
            out.println(
                    "| case | route | requests/s | records/s | p50 ms | p99 ms | server CPU s per"
                            + " million records | of ceiling |");
            out.println("|---|---|---|---|---|---|---|---|");
            for (Case one : cases(tenant)) {
                measure(run, one);
            }
            stream(run, tenant);
            tail(run, tenant);
            service.stop();
        } finally {
            try (var files = Files.walk(folder)) {
                for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static List<Case> cases(Tenant tenant) {
        List<Case> cases = new ArrayList<>();
        for (int bytes : new int[] {128, 1_024}) {
            for (int records : new int[] {1, 100}) {
                String body = record(bytes).repeat(records);
                cases.add(
                        new Case(
                                "produce " + records + " x " + bytes + " B",
                                records,
                                bytes,
                                request(tenant, "records", body),
                                request(tenant, "records:discard", body)));
            }
        }
        return cases;
    }

    /** Text that compresses about as well as JSON events do. */
    private static String record(int bytes) {
        StringBuilder value = new StringBuilder();
        long state = 42;
        while (value.length() < bytes) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            value.append(Long.toString(state >>> 20, 36)).append(" status=ok;");
        }
        return "{\"value\":{\"type\":\"STRING\",\"data\":\"" + value.substring(0, bytes) + "\"}}\n";
    }

    private static byte[] request(Tenant tenant, String route, String body) {
        return ("POST "
                        + tenant.topic("t")
                        + "/"
                        + route
                        + " HTTP/1.1\r\nHost: "
                        + AUTHORITY
                        + "\r\nAuthorization: "
                        + tenant.api().authorization()
                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void measure(Run run, Case one) throws IOException {
        List<Run.Result> durable = new ArrayList<>();
        List<Run.Result> ceiling = new ArrayList<>();
        run.load(one.ceiling(), connections, seconds / 2);
        run.load(one.durable(), connections, seconds / 2);
        for (int round = 0; round < rounds; round++) {
            ceiling.add(run.load(one.ceiling(), connections, seconds));
            durable.add(run.load(one.durable(), connections, seconds));
            System.err.printf("%s: round %d of %d%n", one.name(), round + 1, rounds);
        }
        double top = median(ceiling.stream().mapToDouble(Run.Result::perSecond).toArray());
        row(one.name(), "ceiling", one.records(), ceiling, top);
        row(one.name(), "durable", one.records(), durable, top);
    }

    private void row(
            String name, String route, int records, List<Run.Result> results, double ceiling) {
        double[] perSecond = results.stream().mapToDouble(Run.Result::perSecond).sorted().toArray();
        double middle = median(perSecond);
        double cpu =
                median(
                        results.stream()
                                .mapToDouble(r -> r.cpuSeconds() * 1e6 / (r.requests() * records))
                                .toArray());
        out.printf(
                Locale.ROOT,
                "| %s | %s | %,.0f (%,.0f to %,.0f) | %,.0f | %.2f | %.2f | %.2f | %.0f %% |%n",
                name,
                route,
                middle,
                perSecond[0],
                perSecond[perSecond.length - 1],
                middle * records,
                median(results.stream().mapToDouble(r -> r.p50Micros() / 1e3).toArray()),
                median(results.stream().mapToDouble(r -> r.p99Micros() / 1e3).toArray()),
                cpu,
                100 * middle / ceiling);
    }

    private static double median(double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** One long request a connection, as many records as fit, reports read meanwhile. */
    private void stream(Run run, Tenant tenant) throws IOException {
        String records = record(128).repeat(CHUNK_RECORDS);
        byte[] chunk =
                (Integer.toHexString(records.length()) + "\r\n" + records + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] durable = streamHead(tenant, "records");
        byte[] ceiling = streamHead(tenant, "records:discard");
        List<Run.Result> durables = new ArrayList<>();
        List<Run.Result> ceilings = new ArrayList<>();
        run.stream(durable, chunk, CHUNK_RECORDS, connections, seconds / 2);
        for (int round = 0; round < rounds; round++) {
            ceilings.add(run.stream(ceiling, chunk, CHUNK_RECORDS, connections, seconds));
            durables.add(run.stream(durable, chunk, CHUNK_RECORDS, connections, seconds));
        }
        String name = "produce stream, chunks of 100 x 128 B";
        double top = median(ceilings.stream().mapToDouble(Run.Result::perSecond).toArray());
        row(name, "ceiling", CHUNK_RECORDS, ceilings, top);
        row(name, "durable", CHUNK_RECORDS, durables, top);
    }

    private static byte[] streamHead(Tenant tenant, String route) {
        return ("POST "
                        + tenant.topic("t")
                        + "/"
                        + route
                        + " HTTP/1.1\r\nHost: "
                        + AUTHORITY
                        + "\r\nAuthorization: "
                        + tenant.api().authorization()
                        + "\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The last records, and beside that the same request when there is nothing to read. */
    private void tail(Run run, Tenant tenant) throws IOException {
        long end =
                tenant.api()
                        .get(tenant.partition("t") + "/offset")
                        .json()
                        .get("latest_offset")
                        .asLong();
        byte[] request = fetch(tenant, Math.max(0, end - CHUNK_RECORDS));
        byte[] nothing = fetch(tenant, end);
        List<Run.Result> results = new ArrayList<>();
        List<Run.Result> ceilings = new ArrayList<>();
        run.load(request, connections, seconds / 2);
        for (int round = 0; round < rounds; round++) {
            ceilings.add(run.load(nothing, connections, seconds));
            results.add(run.load(request, connections, seconds));
        }
        double top = median(ceilings.stream().mapToDouble(Run.Result::perSecond).toArray());
        row("tail fetch of 100 records", "nothing to read", CHUNK_RECORDS, ceilings, top);
        row("tail fetch of 100 records", "fetch", CHUNK_RECORDS, results, top);
    }

    private static byte[] fetch(Tenant tenant, long offset) {
        return ("GET "
                        + tenant.partition("t")
                        + "/records?value_format=string&max_bytes=16777216&offset="
                        + offset
                        + " HTTP/1.1\r\nHost: "
                        + AUTHORITY
                        + "\r\nAuthorization: "
                        + tenant.api().authorization()
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
