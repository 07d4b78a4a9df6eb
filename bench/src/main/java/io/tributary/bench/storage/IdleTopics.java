package io.tributary.bench.storage;

import io.tributary.testkit.Api;
import io.tributary.testkit.Api.Tenant;
import io.tributary.testkit.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Memory and start of the whole service with many topics that nobody uses. */
final class IdleTopics {
    private static final int TENANTS = 20;
    private static final int TOPICS_EACH = 5_000;

    private final Figures figures;

    IdleTopics(Figures figures) {
        this.figures = figures;
    }

    void run(Path folder) throws IOException {
        Path data = folder.resolve("data");
        long made = System.nanoTime();
        try (Service service = Service.start(data, "--sign-up-rate=1000");
                Api api = Api.of(service);
                ExecutorService threads = Executors.newFixedThreadPool(TENANTS)) {
            List<Callable<Boolean>> tenants = new ArrayList<>();
            for (int i = 0; i < TENANTS; i++) {
                Tenant tenant = api.signUp("idle-" + i);
                tenants.add(() -> fill(tenant));
            }
            for (Future<Boolean> done : threads.invokeAll(tenants)) {
                done.get();
            }
            service.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
        double making = (System.nanoTime() - made) / 1e9;
        long begin = System.nanoTime();
        try (Service service = Service.start(data)) {
            double start = (System.nanoTime() - begin) / 1e9;
            figures.line(
                    "%n%,d topics with one record each: made in %.0f s, start %.1f s, resident"
                            + " memory %,d MB, files in the data folder %,d.",
                    TENANTS * TOPICS_EACH,
                    making,
                    start,
                    residentMegabytes(service.pid()),
                    files(data));
            service.stop();
        }
    }

    private static boolean fill(Tenant tenant) throws IOException {
        for (int i = 0; i < TOPICS_EACH; i++) {
            tenant.createTopic("t" + i, 1, Map.of());
            tenant.api()
                    .post(
                            tenant.topic("t" + i) + "/records",
                            "{\"value\":{\"type\":\"STRING\",\"data\":\"x\"}}");
        }
        return true;
    }

    private static long residentMegabytes(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1_000;
            }
        }
        throw new IOException("no memory of process " + pid);
    }

    private static long files(Path data) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            return all.filter(Files::isRegularFile).count();
        }
    }
}
