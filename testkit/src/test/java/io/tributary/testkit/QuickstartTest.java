package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    private static final Pattern MARKED =
            Pattern.compile(
                    "<!-- quickstart -->\\n```sh\\n(.*?)```\\n<!-- /quickstart -->",
                    Pattern.DOTALL);

    @TempDir Path folder;

    @Test
    void quickstartOfTheReadmeWorksAsItIsPrinted() throws Exception {
        String readme = Files.readString(Service.home().resolve("README.md"));
        String script =
                MARKED.matcher(readme)
                        .results()
                        .map(block -> block.group(1))
                        .collect(Collectors.joining("\n"));
        Path work = Files.createDirectory(folder.resolve("work"));
        Files.createSymbolicLink(work.resolve("testkit"), Service.home().resolve("testkit"));
        try (Service service = Service.start(folder.resolve("data"))) {
            ProcessBuilder bash =
                    new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                            .directory(work.toFile())
                            .redirectErrorStream(true);
            bash.environment().put("TRIBUTARY", service.address());
            bash.environment().put("DATA", service.data().toString());
            Process process = bash.start();
            process.getOutputStream().close();
            String output =
                    new String(
                            process.getInputStream().readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8);
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), output);
            assertTrue(output.contains("\"offset\":1706"), output);
            assertTrue(output.contains("0 37km NNE of Amboy, Washington"), output);
            assertTrue(output.contains("{\"ledgers\":[],\"local_segments\":[],"), output);
            assertTrue(output.contains("\"end_offset\":1707"), output);
            assertTrue(output.contains("1707 records came back"), output);
            assertTrue(output.contains("\"instance_id\":\"r1\""), output);
            assertTrue(output.contains("0 uw 37km NNE of Amboy, Washington"), output);
            assertEquals(0, service.stop());
        }
    }
}
