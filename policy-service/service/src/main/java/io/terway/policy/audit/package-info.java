/** The audit stream: what agents report as denied, into files or a broker. */
package io.terway.policy.audit;
