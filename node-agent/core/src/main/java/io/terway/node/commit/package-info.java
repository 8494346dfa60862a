/**
 * The one commit path. A chooser (ipam-service, or the agent's own) proposes addresses for a sandbox; the commit decides
 * by the ledger alone whether the sandbox may have them. Withdrawals are decided here too. Pure.
 */
package io.terway.node.commit;
