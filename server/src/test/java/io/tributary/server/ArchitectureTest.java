package io.tributary.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the direction of dependencies, between modules and within them. */
class ArchitectureTest {
    private static final String OURS = "io.tributary.";

    /** Each module's first package, and those of our modules it may use. */
    private static final Map<String, Set<String>> USES =
            Map.of(
                    "kernel", Set.of(),
                    "log", Set.of("kernel"),
                    "metadata", Set.of("kernel"),
                    "storage", Set.of("kernel", "log"),
                    "tenant", Set.of("kernel", "metadata"),
                    "ingest", Set.of("kernel", "metadata", "storage"),
                    "server", Set.of("kernel", "log", "metadata", "storage", "tenant", "ingest"));

    /** Fewer classes than a module has, so that one that was not scanned is noticed. */
    private static final Map<String, Integer> AT_LEAST =
            Map.of(
                    "kernel", 15,
                    "log", 10,
                    "metadata", 30,
                    "storage", 100,
                    "tenant", 40,
                    "ingest", 50,
                    "server", 20);

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.tributary");

    private static String module(JavaClass type) {
        String rest = type.getPackageName().substring(OURS.length());
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    @Test
    void everyModuleWasScannedAndNoOtherIsThere() {
        Map<String, Long> scanned =
                CLASSES.stream()
                        .collect(
                                Collectors.groupingBy(
                                        ArchitectureTest::module,
                                        TreeMap::new,
                                        Collectors.counting()));
        assertEquals(new TreeSet<>(USES.keySet()), scanned.keySet());
        AT_LEAST.forEach((module, least) -> assertTrue(scanned.get(module) >= least, module));
    }

    @Test
    void modulesDependOneWay() {
        USES.forEach(
                (module, uses) -> {
                    String[] allowed =
                            uses.stream().map(used -> OURS + used + "..").toArray(String[]::new);
                    noClasses()
                            .that()
                            .resideInAPackage(OURS + module + "..")
                            .should()
                            .dependOnClassesThat(
                                    resideInAnyPackage("io.tributary..")
                                            .and(resideInAnyPackage(OURS + module + "..").negate())
                                            .and(resideInAnyPackage(allowed).negate()))
                            .check(CLASSES);
                });
    }

    @Test
    void kernelNeedsTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage("io.tributary.kernel..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "io.tributary.kernel..")
                .check(CLASSES);
    }

    @Test
    void frameworksAreAtTheEdgesOnly() {
        onlyIn(
                Set.of("io.tributary.tenant..", "io.tributary.ingest..", "io.tributary.server.."),
                "io.quarkus..",
                "io.smallrye..",
                "io.vertx..",
                "jakarta..",
                "org.eclipse.microprofile..",
                "org.jboss..");
        // Within tenant-api, what the rules are is free of how they are asked for.
        noClasses()
                .that()
                .resideInAPackage("io.tributary.tenant..")
                .and()
                .resideOutsideOfPackage("io.tributary.tenant.rest..")
                .and()
                .haveSimpleNameNotContaining("Resource")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "io.vertx..", "jakarta..")
                .check(CLASSES);
    }

    @Test
    void enginesAreBehindTheirPorts() {
        onlyIn(Set.of("io.tributary.storage.object.."), "software.amazon..");
        onlyIn(
                Set.of("io.tributary.metadata.zookeeper.."),
                "org.apache.curator..",
                "org.apache.zookeeper..");
        onlyIn(Set.of("io.tributary.storage..", "io.tributary.ingest.."), "org.apache.kafka..");
        onlyIn(
                Set.of(
                        "io.tributary.storage..",
                        "io.tributary.ingest..",
                        "io.tributary.metadata.backup.."),
                "com.github.luben..");
        // Kafka's own insides, which may change with any release of it.
        onlyIn(
                Set.of("io.tributary.ingest.group.."),
                "org.apache.kafka.coordinator..",
                "org.apache.kafka.image..",
                "org.apache.kafka.metadata..",
                "org.apache.kafka.server..",
                "org.apache.kafka.storage..",
                "com.yammer..");
        onlyIn(
                Set.of("io.tributary.ingest.group..", "io.tributary.ingest.consumer.."),
                "com.google.re2j..");
        onlyIn(Set.of("io.tributary.tenant.token.."), "org.jose4j..");
        onlyIn(Set.of("io.tributary.server.tls.."), "org.bouncycastle..");
    }

    private static void onlyIn(Set<String> places, String... packages) {
        noClasses()
                .that()
                .resideOutsideOfPackages(places.toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .check(CLASSES);
        // A rule about what nobody uses would hold for ever.
        assertTrue(
                CLASSES.stream()
                        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                        .anyMatch(
                                dependency ->
                                        resideInAnyPackage(packages)
                                                .test(dependency.getTargetClass())));
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.tributary.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
