package io.terway.bench.agent;

import io.terway.bench.Lab;
import io.terway.bench.Unmeasurable;

/** The agent of a lab's node, as the kernel accounts for its process. */
public record AgentProcess(Lab lab, String node) {

    /** Clock ticks of /proc. */
    private static final double TICKS = 100;

    /** Fields of /proc/PID/stat behind the name. */
    private static final int USER = 11;

    private static final int SYSTEM = 12;
    private static final int STARTED = 19;

    private static final double KIBIBYTES = 1024;

    /** Its name among the lab's components. */
    String component() {
        return "node-agent@" + node;
    }

    private long pid() {
        for (var component : lab.json("status", "--json").path("components")) {
            if (component.path("name").asText().equals(component())) {
                return component.path("pid").asLong();
            }
        }
        throw new Unmeasurable("the lab knows no " + component());
    }

    private double stat(int... fields) {
        String stat = lab.services().require("cat", "/proc/" + pid() + "/stat");
        String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double sum = 0;
        for (int field : fields) {
            sum += Double.parseDouble(afterName[field]);
        }
        return sum / TICKS;
    }

    /** Seconds since boot when it began. */
    double started() {
        return stat(STARTED);
    }

    /** Seconds of CPU time that it has taken. */
    public double cpu() {
        return stat(USER, SYSTEM);
    }

    /** MiB of memory. */
    double resident() {
        String status = lab.services().require("cat", "/proc/" + pid() + "/status");
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / KIBIBYTES)
                .findFirst()
                .orElse(0);
    }
}
