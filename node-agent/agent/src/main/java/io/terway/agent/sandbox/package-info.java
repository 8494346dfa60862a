/** The CNI verbs: what an ADD, a DEL, a CHECK and a GC of a pod sandbox do, one at a time per sandbox. */
package io.terway.agent.sandbox;
