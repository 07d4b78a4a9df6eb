package io.tributary.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    @TempDir Path folder;

    @Test
    void quickstartOfTheReadmeWorksAsItIsPrinted() throws Exception {
        String readme = Files.readString(Service.home().resolve("README.md"));
        String marked =
                readme.substring(
                        readme.indexOf("<!-- quickstart -->"),
                        readme.indexOf("<!-- /quickstart -->"));
        String script = marked.substring(marked.indexOf("```sh\n") + 6, marked.lastIndexOf("```"));
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
            assertEquals(0, service.stop());
        }
    }
}
