/**
 * {@code terway-cli policy}: verdicts, lint and translations, from files or from a live cluster, by the same pure core
 * that policy-service compiles with.
 */
package io.terway.ctl.policy;
