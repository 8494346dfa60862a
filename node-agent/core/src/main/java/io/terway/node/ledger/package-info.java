/**
 * The agent's ledger: which sandbox holds which address, and which addresses the node may use. Entries are facts in the
 * order they happened; the state is what follows from them; the journal is their form on disk. No I/O here.
 */
package io.terway.node.ledger;
