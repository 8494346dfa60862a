package io.terway.link;

import java.time.Duration;

/**
 * What an elector needs of a coordination.k8s.io Lease.
 *
 * @param version metadata.resourceVersion; changes with every write and guards updates
 * @param holder spec.holderIdentity; empty when the lease was given up
 * @param term spec.leaseTransitions, which never goes back: the term of the holder
 * @param duration spec.leaseDurationSeconds as the holder wrote it
 */
public record LeaseRecord(String version, String holder, long term, Duration duration) {}
