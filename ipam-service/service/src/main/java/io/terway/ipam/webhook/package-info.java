/** The admission webhook: pods with a fixed address are scheduled to its zone. */
package io.terway.ipam.webhook;
