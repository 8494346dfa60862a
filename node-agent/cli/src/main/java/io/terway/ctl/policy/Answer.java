package io.terway.ctl.policy;

import io.terway.policy.Probe;
import io.terway.policy.Verdict;

/** What is said to a question. */
sealed interface Answer {

    record Judged(Probe probe, Verdict verdict) implements Answer {}

    /** No packet of such a connection can exist. */
    record Unroutable(String why) implements Answer {}
}
