package io.tributary.bench.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What the machine did meanwhile: processor time and memory of processes, and of all others. */
final class Machine {
    private static final double TICKS_PER_SECOND = 100;

    private Machine() {}

    /** Processor time a process has used so far, in seconds. */
    static double cpuSeconds(long pid) throws IOException {
        String[] fields = stat(Long.toString(pid));
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** The same of this process and of all it has waited for. */
    private static double ownSeconds() throws IOException {
        String[] fields = stat("self");
        return Arrays.stream(fields, 11, 15).mapToLong(Long::parseLong).sum() / TICKS_PER_SECOND;
    }

    /** The fields behind the name, which may have blanks. */
    private static String[] stat(String process) throws IOException {
        String stat = Files.readString(Path.of("/proc", process, "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    }

    /** Resident memory of a process, in MiB. */
    static double residentMebibytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1_024)
                .findFirst()
                .orElseThrow();
    }

    private static double busySeconds() throws IOException {
        String[] fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
        // user, nice, system, then idle and waiting, then interrupts.
        return (Long.parseLong(fields[1])
                        + Long.parseLong(fields[2])
                        + Long.parseLong(fields[3])
                        + Long.parseLong(fields[6])
                        + Long.parseLong(fields[7]))
                / TICKS_PER_SECOND;
    }

    /** Writes to the disk what others left in memory, so that nobody pays for who came before. */
    static void settle() throws IOException {
        try {
            if (!new ProcessBuilder("sync").inheritIO().start().waitFor(2, TimeUnit.MINUTES)) {
                throw new IOException("the disk does not settle");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Waits for a second in which others leave the machine alone, as long as the budget lasts. */
    static double awaitQuiet(List<Contender> contenders, double most, double budgetSeconds)
            throws IOException {
        long begin = System.nanoTime();
        double waited = 0;
        while (waited < budgetSeconds) {
            Others others = new Others(contenders);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            waited = (System.nanoTime() - begin) / 1e9;
            if (others.share() <= most) {
                break;
            }
        }
        return waited;
    }

    /** Knows which part of the processors went to neither the bench nor its contenders. */
    static final class Others {
        private final List<Contender> contenders;
        private final long begin = System.nanoTime();
        private final double before;

        Others(List<Contender> contenders) throws IOException {
            this.contenders = contenders;
            before = seconds();
        }

        private double seconds() throws IOException {
            double ours = ownSeconds();
            for (Contender contender : contenders) {
                ours += cpuSeconds(contender.pid());
            }
            return busySeconds() - ours;
        }

        double share() throws IOException {
            double took = (System.nanoTime() - begin) / 1e9;
            return (seconds() - before) / took / Runtime.getRuntime().availableProcessors();
        }
    }
}
