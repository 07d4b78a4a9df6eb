package io.tributary.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Calls the service over HTTPS, as somebody. */
public final class Api implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;
    private final String address;
    private final Optional<String> authorization;

    private Api(HttpClient client, String address, Optional<String> authorization) {
        this.client = client;
        this.address = address;
        this.authorization = authorization;
    }

    /** Calls as nobody, trusting the service's own authority. */
    public static Api of(Service service) throws IOException {
        return new Api(
                HttpClient.newBuilder()
                        .sslContext(trusting(service.ca()))
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(10))
                        .build(),
                service.address(),
                Optional.empty());
    }

    /** A TLS context that trusts this authority. */
    public static SSLContext trusting(Path ca) throws IOException {
        try (InputStream in = Files.newInputStream(ca)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null);
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** The same, as the holder of a key {@code id:secret}. */
    public Api as(String key) {
        return withAuthorization(
                "Basic "
                        + Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8)));
    }

    /** The same with this Authorization header. */
    public Api withAuthorization(String value) {
        return new Api(client, address, Optional.of(value));
    }

    /** The Authorization header it sends. */
    public String authorization() {
        return authorization.orElseThrow();
    }

    /** An answer. */
    public record Answer(int status, String body, HttpResponse<String> response) {
        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new IllegalStateException("not JSON: " + body, e);
            }
        }

        /** JSON values one after the other. */
        public List<JsonNode> jsons() throws IOException {
            List<JsonNode> all = new ArrayList<>();
            try (var values = JSON.readerFor(JsonNode.class).<JsonNode>readValues(body)) {
                values.forEachRemaining(all::add);
            }
            return all;
        }

        public Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }
    }

    public Answer get(String path, String... headers) throws IOException {
        return call("GET", path, Optional.empty(), headers);
    }

    public Answer delete(String path) throws IOException {
        return call("DELETE", path, Optional.empty());
    }

    /** Posts JSON. */
    public Answer post(String path, String json) throws IOException {
        return call("POST", path, Optional.of(json), "Content-Type", "application/json");
    }

    public Answer post(String path, String body, String... headers) throws IOException {
        return call("POST", path, Optional.of(body), headers);
    }

    /** Puts JSON. */
    public Answer put(String path, String json) throws IOException {
        return call("PUT", path, Optional.of(json), "Content-Type", "application/json");
    }

    /** Any call; a body of null is none. */
    public Answer call(String method, String path, Optional<String> body, String... headers)
            throws IOException {
        HttpRequest.Builder request = request(path, headers);
        request.method(
                method,
                body.map(HttpRequest.BodyPublishers::ofString)
                        .orElse(HttpRequest.BodyPublishers.noBody()));
        HttpResponse<String> response = send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body(), response);
    }

    /** A request to send otherwise. */
    public HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path)).timeout(Duration.ofSeconds(60));
        authorization.ifPresent(value -> request.header("Authorization", value));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request;
    }

    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException {
        try {
            return client.send(request, handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** A tenant that signed up, and its API as its administrator. */
    public record Tenant(String tenantId, String clusterId, String keyId, Api api) {
        /** Path of the tenant's cluster. */
        public String cluster() {
            return "/kafka/v3/clusters/" + clusterId;
        }

        public String topic(String name) {
            return cluster() + "/topics/" + name;
        }

        /** Path of a topic's first partition. */
        public String partition(String topic) {
            return topic(topic) + "/partitions/0";
        }

        public Answer createTopic(String name, int partitions, Map<String, String> configs)
                throws IOException {
            var body = JSON.createObjectNode().put("topic_name", name);
            body.put("partitions_count", partitions);
            var list = body.putArray("configs");
            configs.forEach((k, v) -> list.addObject().put("name", k).put("value", v));
            return api.post(cluster() + "/topics", body.toString());
        }

        /** Whoever calls with a new key of the tenant; the fields are the key's, such as grants. */
        public Api newKey(String fields) throws IOException {
            Answer made = api.post("/v1/api-keys", "{" + fields + "}");
            if (made.status() != 201) {
                throw new IOException(made.status() + " " + made.body());
            }
            JsonNode key = made.json();
            return api.as(key.get("id").asText() + ":" + key.get("secret").asText());
        }

        /** Every record of a partition, by following next_offset. */
        public List<JsonNode> readAll(String topic, int partition, String format)
                throws IOException {
            List<JsonNode> records = new ArrayList<>();
            long next = 0;
            while (true) {
                Answer answer =
                        api.get(
                                topic(topic)
                                        + "/partitions/"
                                        + partition
                                        + "/records?offset="
                                        + next
                                        + "&key_format="
                                        + format
                                        + "&value_format="
                                        + format);
                if (answer.status() != 200) {
                    throw new IOException(answer.status() + " " + answer.body());
                }
                answer.json().get("records").forEach(records::add);
                next = answer.json().get("next_offset").asLong();
                if (next >= answer.json().get("high_watermark").asLong()) {
                    return records;
                }
            }
        }
    }

    /** Signs up. */
    public Tenant signUp(String name) throws IOException {
        Answer answer = post("/v1/tenants", JSON.createObjectNode().put("name", name).toString());
        if (answer.status() != 201) {
            throw new IOException(answer.status() + " " + answer.body());
        }
        JsonNode json = answer.json();
        String id = json.at("/api_key/id").asText();
        return new Tenant(
                json.get("tenant_id").asText(),
                json.get("cluster_id").asText(),
                id,
                as(id + ":" + json.at("/api_key/secret").asText()));
    }

    /** Ends what is still under way, too: a test that failed leaves streams open. */
    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
