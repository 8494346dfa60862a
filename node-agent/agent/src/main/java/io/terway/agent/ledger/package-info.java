/** The ledger on disk: one file, one owner. */
package io.terway.agent.ledger;
