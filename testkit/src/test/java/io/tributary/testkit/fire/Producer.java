package io.tributary.testkit.fire;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.testkit.Api;
import io.tributary.testkit.Api.Tenant;
import io.tributary.testkit.fire.History.Partition;
import io.tributary.testkit.fire.History.Place;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Produces one request after the other in every form there is, each again and again under its
 * Idempotency-Key until all of it is acknowledged.
 */
final class Producer implements Callable<Void> {
    private static final Duration BETWEEN_REQUESTS = Duration.ofMillis(15);
    private static final Duration BEFORE_RETRY = Duration.ofMillis(50);
    private static final int MAX_RECORDS = 4;

    /** May be sent again: the service is away or busy, or wants a stream from its begin. */
    private static final Set<Integer> RETRIABLE = Set.of(409, 429, 503);

    private enum Form {
        SINGLE,
        BATCH,
        LINES,
        STREAM
    }

    private record Request(String key, Form form, Topic topic, int partition, List<String> ids) {}

    private final int number;
    private final Target target;
    private final History history;
    private final List<Topic> topics;
    private final AtomicBoolean done;

    Producer(int number, Target target, History history, List<Topic> topics, AtomicBoolean done) {
        this.number = number;
        this.target = target;
        this.history = history;
        this.topics = topics;
        this.done = done;
    }

    @Override
    public Void call() {
        for (int n = 0; !done.get(); n++) {
            Form form = Form.values()[n % Form.values().length];
            Topic topic = topics.get(n / Form.values().length % topics.size());
            List<String> ids = new ArrayList<>();
            int records = form == Form.SINGLE ? 1 : 1 + n % MAX_RECORDS;
            for (int i = 0; i < records; i++) {
                ids.add(number + "/" + n + "/" + i);
            }
            ids.forEach(history::sending);
            send(
                    new Request(
                            "producer-" + number + "-" + n,
                            form,
                            topic,
                            (number + n) % topic.partitionCount(),
                            ids));
            LockSupport.parkNanos(BETWEEN_REQUESTS.toNanos());
        }
        return null;
    }

    private void send(Request request) {
        long sentMillis = System.currentTimeMillis();
        Optional<List<Place>> places = attempt(request);
        while (places.isEmpty()) {
            LockSupport.parkNanos(BEFORE_RETRY.toNanos());
            places = attempt(request);
        }
        Iterator<Place> at = places.get().iterator();
        request.ids().forEach(id -> history.acknowledged(at.next(), id, sentMillis));
    }

    /** Where the records are; empty when the request must be sent again. */
    private Optional<List<Place>> attempt(Request request) {
        try {
            return places(request, exchange(request));
        } catch (IOException e) {
            // The service went away while it answered: whether it kept them is unknown.
            return Optional.empty();
        }
    }

    private HttpResponse<String> exchange(Request request) throws IOException {
        Tenant tenant = target.tenant();
        String path = tenant.topic(request.topic().name()) + "/records";
        String type = "application/json";
        String body;
        switch (request.form()) {
            case SINGLE, STREAM ->
                    body =
                            request.ids().stream()
                                    .map(id -> "{" + fields(request, id) + "}")
                                    .collect(Collectors.joining("\n"));
            case BATCH -> {
                path += ":batch";
                body =
                        request.ids().stream()
                                .map(id -> "{\"id\":\"" + id + "\"," + fields(request, id) + "}")
                                .collect(Collectors.joining(",", "{\"entries\":[", "]}"));
            }
            case LINES -> {
                type = "application/x-ndjson";
                body =
                        request.ids().stream()
                                .map(id -> "\"" + Payload.of(id) + "\"\n")
                                .collect(Collectors.joining());
            }
            default -> throw new AssertionError(request.form());
        }
        HttpRequest.Builder http =
                tenant.api().request(path, "Content-Type", type, "Idempotency-Key", request.key());
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        http.POST(
                request.form() == Form.STREAM
                        ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))
                        : BodyPublishers.ofByteArray(bytes));
        return tenant.api().send(http.build(), BodyHandlers.ofString());
    }

    private static String fields(Request request, String id) {
        return "\"partition_id\":"
                + request.partition()
                + ",\"value\":{\"type\":\"JSON\",\"data\":\""
                + Payload.of(id)
                + "\"}";
    }

    private static Optional<List<Place>> places(Request request, HttpResponse<String> response)
            throws IOException {
        Api.Answer answer = new Api.Answer(response.statusCode(), response.body(), response);
        List<JsonNode> reports = new ArrayList<>();
        List<JsonNode> failures = new ArrayList<>();
        if (answer.status() == 207) {
            answer.json().get("successes").forEach(reports::add);
            answer.json().get("failures").forEach(failures::add);
        } else {
            for (JsonNode report : answer.jsons()) {
                (report.path("error_code").asInt() == 200 ? reports : failures).add(report);
            }
        }
        for (JsonNode failure : failures) {
            if (!RETRIABLE.contains(failure.path("error_code").asInt())) {
                throw new AssertionError(request + " was answered with " + answer.body());
            }
        }
        if (reports.size() < request.ids().size()) {
            return Optional.empty();
        }
        return Optional.of(
                reports.stream()
                        .map(
                                report ->
                                        new Place(
                                                new Partition(
                                                        request.topic().name(),
                                                        report.get("partition_id").asInt()),
                                                report.get("offset").asLong()))
                        .toList());
    }
}
