package io.terway.agent.apply;

import java.time.Duration;

/**
 * Where the time of one call went.
 *
 * @param observe reading the kernel's state
 * @param host changing the host's namespace
 * @param pod changing the pod's namespace
 * @param operations how many kernel operations the plan had; 0 when all was in place
 */
public record Stages(Duration observe, Duration host, Duration pod, int operations) {}
