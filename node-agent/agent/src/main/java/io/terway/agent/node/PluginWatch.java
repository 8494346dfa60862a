package io.terway.agent.node;

import io.terway.agent.config.AgentConfig;
import io.terway.agent.loop.News;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Keeps plugin and configuration installed: whoever deletes or changes them has a node without pods, and seldom means it.
 * A look is a few stat calls. Against somebody who undoes every repair it grows slower. One thread.
 */
public final class PluginWatch {

    private static final Logger LOG = Logger.getLogger(PluginWatch.class);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** Without damage for this long the next repair follows at once again. */
    static final Duration QUIET = Duration.ofMinutes(2);

    private final PluginInstall files;
    private final News troubles = new News();
    private List<Map<String, Object>> seen = List.of();
    private boolean portsAreOurs;
    private int quarrel;
    private long repairedAt;

    public PluginWatch(PluginInstall files) {
        this.files = files;
    }

    /** Empty where nothing is to be installed. */
    public static Optional<PluginWatch> of(AgentConfig.Cni cni) {
        return cni.binDir()
                .flatMap(binaries -> cni.confDir().map(lists -> new PluginInstall(binaries, lists)))
                .map(PluginWatch::new);
    }

    /**
     * Looks, and installs what is missing or different. For a node that can serve: the configuration says that it does.
     *
     * @param ownHostPorts host ports are ours, not the portmap plugin's
     * @param now System.nanoTime()
     */
    public void look(boolean ownHostPorts, long now) {
        try {
            List<Map<String, Object>> found = files.traces();
            boolean same = found.equals(seen) && ownHostPorts == portsAreOurs;
            if (same || quarrel > 0 && now - repairedAt < pause().toNanos()) {
                return;
            }
            List<Path> written = files.install(ownHostPorts);
            if (!seen.isEmpty() && !written.isEmpty() && !ours(found).equals(ours(seen))) {
                repaired(written, now);
            }
            seen = files.traces();
            portsAreOurs = ownHostPorts;
            troubles.over();
        } catch (IOException e) {
            if (troubles.isNew(e.getMessage())) {
                LOG.errorf("the CNI plugin is not installed, tried again every second: %s", e);
            }
        }
    }

    /** Without portmap, on which the list depends. */
    private static List<Map<String, Object>> ours(List<Map<String, Object>> traces) {
        return traces.subList(0, 2);
    }

    private void repaired(List<Path> written, long now) {
        quarrel = quarrel > 0 && now - repairedAt < QUIET.toNanos() ? quarrel + 1 : 1;
        repairedAt = now;
        LOG.warnf(
                "somebody had changed or deleted %s: put back, looked at again in %d s; another CNI's installer or a clean-up"
                        + " job on this node must leave it alone",
                written, pause().toSeconds());
    }

    private Duration pause() {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(quarrel - 1, 10));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
