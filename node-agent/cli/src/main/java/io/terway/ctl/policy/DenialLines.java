package io.terway.ctl.policy;

import io.terway.wire.agent.v1.DenialNews;

/** How denials are printed: text for people, JSON for programs. */
sealed interface DenialLines permits DenialText, DenialJson {

    /** Lines for one message, each with its end. */
    String of(DenialNews news);

    /** What is left to say. */
    String end();
}
